import { describe, expect, test } from 'vitest';
import { Recorder, type Tape } from '../../../src/ui/recording/recorder.ts';
import { DownloadSink, FileSink, openSink, type Sink } from '../../../src/ui/recording/sink.ts';
import { duration, size } from '../../../src/ui/recording/words.ts';

class FakeTape implements Tape {
  ondataavailable: Tape['ondataavailable'] = null;
  onstop: Tape['onstop'] = null;
  onerror: Tape['onerror'] = null;
  running = false;
  start() {
    this.running = true;
  }
  stop() {
    if (!this.running) return;
    this.running = false;
    this.gives('end');
    this.onstop?.();
  }
  gives(text: string) {
    this.ondataavailable?.({ data: new Blob([text]) });
  }
}

class Bench {
  log: string[] = [];
  tape = new FakeTape();
  time = 0;
  tick = () => {};
  full = false;
  sink: Sink = {
    name: 'a.webm',
    write: async (part) => {
      if (this.full) throw new Error('no room');
      this.log.push(await part.text());
    },
    patch: async (position) => void this.log.push(`patch ${position}`),
    close: async () => void this.log.push('closed'),
  };
  chosen: Promise<Sink | null> = Promise.resolve(this.sink);
  recorder = new Recorder({
    sink: () => this.chosen,
    take: async () => {
      this.log.push('take');
      return { tape: this.tape, close: () => void this.log.push('put away') };
    },
    told: (on) => void this.log.push(`told ${on}`),
    now: () => this.time,
    every: (_ms, act) => {
      this.tick = act;
      return () => void this.log.push('clock stopped');
    },
  });
  get phase() {
    return this.recorder.state.value.phase;
  }
}

describe('a recording', () => {
  test('is told before it begins, is written as it comes, and closed at the end', async () => {
    const bench = new Bench();
    await bench.recorder.start('everybody');
    expect(bench.log).toEqual(['told true', 'take']);
    bench.tape.gives('one');
    bench.time = 61_000;
    bench.tick();
    expect(bench.recorder.state.value).toEqual({ phase: 'recording', name: 'a.webm', seconds: 61, bytes: 3 });
    await bench.recorder.start('view'); // does nothing: there is one
    await bench.recorder.stop();
    expect(bench.log).toEqual(['told true', 'take', 'told false', 'clock stopped', 'put away', 'oneend', 'closed']);
    expect(bench.recorder.state.value).toEqual({ phase: 'saved', name: 'a.webm', seconds: 61, bytes: 6 });
    bench.recorder.dismiss();
    expect(bench.phase).toBe('idle');
  });

  test('that nobody chose a file for never begins, and nobody is told', async () => {
    const bench = new Bench();
    bench.chosen = Promise.resolve(null);
    await bench.recorder.start('view');
    expect(bench.phase).toBe('idle');
    expect(bench.log).not.toContain('told true');
  });

  test('does not begin where the call ended while a file was chosen', async () => {
    const bench = new Bench();
    let choose = (_: Sink | null) => {};
    bench.chosen = new Promise((resolve) => {
      choose = resolve;
    });
    const started = bench.recorder.start('view');
    expect(bench.phase).toBe('starting');
    await bench.recorder.stop();
    choose(bench.sink);
    await started;
    expect(bench.phase).toBe('idle');
    expect(bench.log).toEqual(['told false', 'closed']);
  });

  test('ends by itself when what it records does', async () => {
    const bench = new Bench();
    await bench.recorder.start('everybody');
    bench.tape.stop();
    await bench.recorder.stop();
    expect(bench.phase).toBe('saved');
  });

  test('that cannot be written on ends, says so, and keeps what there is', async () => {
    const bench = new Bench();
    await bench.recorder.start('everybody');
    bench.tape.gives('one'.repeat(2000));
    await expect.poll(() => bench.log.length).toBe(3);
    bench.full = true;
    bench.tape.gives('two');
    await expect.poll(() => bench.recorder.state.value).toEqual({ phase: 'failed', name: 'a.webm', kept: true });
    expect(bench.log).toContain('told false');
    expect(bench.log).toContain('closed');
  });

  test('that cannot begin is said, and no longer told', async () => {
    const bench = new Bench();
    bench.chosen = Promise.reject(new Error('denied'));
    await bench.recorder.start('everybody');
    expect(bench.recorder.state.value).toEqual({ phase: 'failed', name: '', kept: false });
    expect(bench.log).toEqual(['told false']);
  });
});

describe('a file', () => {
  const type = { mime: 'video/webm', extension: 'webm' };

  test('is the one that was chosen, written as it comes', async () => {
    const log: unknown[] = [];
    const file = { write: async (part: unknown) => void log.push(part), close: async () => void log.push('closed') };
    const showSaveFilePicker = async (options: unknown) => {
      log.push(options);
      return { name: 'chosen.webm', createWritable: async () => file } as unknown as FileSystemFileHandle;
    };
    const sink = await openSink({ showSaveFilePicker }, 'a.webm', type, 'Video');
    expect(sink).toBeInstanceOf(FileSink);
    const part = new Blob(['x']);
    await sink?.write(part);
    await sink?.patch(3, Uint8Array.of(1));
    await sink?.close();
    const types = [{ description: 'Video', accept: { 'video/webm': ['.webm'] } }];
    expect(log).toEqual([
      { suggestedName: 'a.webm', types },
      part,
      { type: 'write', position: 3, data: Uint8Array.of(1) },
      'closed',
    ]);
    const aborted = () => Promise.reject(new DOMException('no', 'AbortError'));
    expect(await openSink({ showSaveFilePicker: aborted }, 'a.webm', type, 'Video')).toBeNull();
  });

  test('is a download elsewhere, and none where there is nothing', async () => {
    const saved: [string, string][] = [];
    const sink = new DownloadSink('a.webm', 'video/webm', (name, whole) => {
      void whole.text().then((text) => saved.push([name, text]));
    });
    await sink.write(new Blob(['hello ']));
    await sink.write(new Blob(['world']));
    await sink.patch(3, new TextEncoder().encode('LO'));
    await sink.close();
    await expect.poll(() => saved).toEqual([['a.webm', 'helLO world']]);
    await sink.close();
    expect(saved.length).toBe(1);
  });
});

test('figures are said as people read them', () => {
  expect([0, 7.9, 61, 3600, 3723].map(duration)).toEqual(['0:00', '0:07', '1:01', '1:00:00', '1:02:03']);
  expect([512, 1500, 12_345_678, 3.21e9].map(size)).toEqual(['512 byte', '2 kB', '12.3 MB', '3.2 GB']);
});
