// Speech to text by the browser, and only where it promises to do it on the device: `processLocally` of the Web Speech API.
// A browser that does not know that word would send the sound to a company's server, so there it is not used at all.
import type { Recognizer } from './captions.ts';

const AGAIN_MS = 300; // it ends by itself after each silence

/** Of the Web Speech API, what TypeScript's library does not know yet. */
interface LocalRecognition extends EventTarget {
  processLocally?: boolean;
  continuous: boolean;
  interimResults: boolean;
  lang: string;
  onresult: ((event: { resultIndex: number; results: ArrayLike<SpokenResult> }) => void) | null;
  onend: (() => void) | null;
  onerror: ((event: { error: string }) => void) | null;
  start(track?: MediaStreamTrack): void;
  abort(): void;
}

interface SpokenResult extends ArrayLike<{ transcript: string }> {
  isFinal: boolean;
}

interface LocalRecognitionType {
  new (): LocalRecognition;
  available?(options: { langs: string[]; processLocally: true }): Promise<string>;
}

/** These say that it will not work however often one tries. */
const FINAL: readonly string[] = ['not-allowed', 'service-not-allowed', 'language-not-supported', 'audio-capture'];

export class LocalSpeech implements Recognizer {
  private readonly type: LocalRecognitionType | undefined;
  private readonly language: string;

  constructor(browser: object, language: string) {
    const { SpeechRecognition } = browser as { SpeechRecognition?: LocalRecognitionType };
    this.type = SpeechRecognition;
    this.language = language;
  }

  /** A language that would have to be loaded first is not there: whose server it would come from is not ours to choose. */
  async available(): Promise<boolean> {
    const { type } = this;
    if (!type?.available || !('processLocally' in type.prototype)) return false;
    try {
      return (await type.available({ langs: [this.language], processLocally: true })) === 'available';
    } catch {
      return false;
    }
  }

  start(track: MediaStreamTrack, heard: (text: string, done: boolean) => void): () => void {
    const { type } = this;
    if (!type) return () => {};
    const recognition = new type();
    let timer: ReturnType<typeof setTimeout> | undefined;
    let over = false;
    recognition.processLocally = true;
    recognition.continuous = true;
    recognition.interimResults = true;
    recognition.lang = this.language;
    recognition.onresult = ({ resultIndex, results }) => {
      for (let i = resultIndex; i < results.length; i++) {
        const result = results[i];
        const text = result?.[0]?.transcript;
        if (result && text && !over) heard(text, result.isFinal);
      }
    };
    recognition.onerror = ({ error }) => {
      if (FINAL.includes(error)) over = true;
    };
    recognition.onend = () => {
      if (!over) timer = setTimeout(begin, AGAIN_MS);
    };
    const begin = () => {
      if (!over && track.readyState === 'live') recognition.start(track);
    };
    begin();
    return () => {
      over = true;
      clearTimeout(timer);
      recognition.abort();
    };
  }
}
