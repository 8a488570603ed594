/** Where a recording is written: a file that the person chose, as it comes; or, where a browser has no such thing, a download at the end. */

export interface Sink {
  readonly name: string;
  write(part: Blob): Promise<void>;
  /** Writes over what is there, once all is written. */
  patch(position: number, bytes: Uint8Array<ArrayBuffer>): Promise<void>;
  close(): Promise<void>;
}

export interface Picker {
  showSaveFilePicker?(options: {
    suggestedName: string;
    types: { description: string; accept: Record<string, string[]> }[];
  }): Promise<FileSystemFileHandle>;
}

export interface FileType {
  mime: string;
  extension: string;
}

/** Asks where to write, if the browser can. Null where the person thought better of it. */
export async function openSink(picker: Picker, suggestedName: string, type: FileType, description: string) {
  if (!picker.showSaveFilePicker) return new DownloadSink(suggestedName, type.mime, download);
  try {
    const types = [{ description, accept: { [type.mime]: [`.${type.extension}`] } }];
    const file = await picker.showSaveFilePicker({ suggestedName, types });
    return new FileSink(file.name, await file.createWritable());
  } catch (error) {
    if (error instanceof DOMException && error.name === 'AbortError') return null;
    throw error;
  }
}

type Writable = Pick<FileSystemWritableFileStream, 'write' | 'close'>;

export class FileSink implements Sink {
  readonly name: string;
  private readonly file: Writable;

  constructor(name: string, file: Writable) {
    this.name = name;
    this.file = file;
  }

  write(part: Blob): Promise<void> {
    return this.file.write(part);
  }

  patch(position: number, data: Uint8Array<ArrayBuffer>): Promise<void> {
    return this.file.write({ type: 'write', position, data });
  }

  close(): Promise<void> {
    return this.file.close();
  }
}

/** Keeps the parts until the end. Browsers put large ones on disk by themselves. */
export class DownloadSink implements Sink {
  readonly name: string;
  private readonly type: string;
  private readonly save: (name: string, whole: Blob) => void;
  private parts: Blob[] = [];

  constructor(name: string, type: string, save: (name: string, whole: Blob) => void) {
    this.name = name;
    this.type = type;
    this.save = save;
  }

  async write(part: Blob): Promise<void> {
    this.parts.push(part);
  }

  async patch(position: number, bytes: Uint8Array<ArrayBuffer>): Promise<void> {
    const whole = new Blob(this.parts);
    this.parts = [whole.slice(0, position), new Blob([bytes]), whole.slice(position + bytes.length)];
  }

  async close(): Promise<void> {
    if (this.parts.length > 0) this.save(this.name, new Blob(this.parts, { type: this.type }));
    this.parts = [];
  }
}

const KEPT_MS = 60_000; // long enough for the browser to have taken it

function download(name: string, whole: Blob): void {
  const link = document.createElement('a');
  link.href = URL.createObjectURL(whole);
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), KEPT_MS);
}
