// The Go client as a program.
import { execFileSync, spawn } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from '@playwright/test';
import { repository } from './server.js';

export interface Report {
  tracks: {
    name: string;
    source: string;
    codec: string;
    frames_opened: number;
    frames_failed: number;
    frames_before_key: number;
    frames_written: number;
  }[];
}

export interface Run extends Promise<{ report: Report; code: number | null }> {
  leave(): void;
}

/** Runs the Go client until it ends or is told to leave; the report is what --json printed. `config` is where it keeps what it keeps. */
export function grotto(args: string[], config?: string): Run {
  const env = { ...process.env, ...(config ? { XDG_CONFIG_HOME: config } : {}) };
  const child = spawn(`${repository}/bin/grotto`, [...args, '--json'], { stdio: ['ignore', 'pipe', 'pipe'], env });
  let out = '';
  let errors = '';
  child.stdout.on('data', (d) => (out += d));
  child.stderr.on('data', (d) => (errors += d));
  const run = new Promise<{ report: Report; code: number | null }>((resolve, reject) => {
    child.on('exit', (code) => {
      try {
        resolve({ report: JSON.parse(out) as Report, code });
      } catch {
        reject(new Error(`grotto ${args.join(' ')} exited with ${code}: ${out}${errors}`));
      }
    });
  });
  return Object.assign(run, { leave: () => void child.kill('SIGINT') });
}

/** A Go client that stays in the meeting until it is told to leave. */
export function guest(args: string[]): { leave(): Promise<number | null> } {
  const child = spawn(`${repository}/bin/grotto`, ['join', ...args], { stdio: 'ignore' });
  const exit = new Promise<number | null>((resolve) => child.on('exit', resolve));
  return {
    leave() {
      child.kill('SIGINT');
      return exit;
    },
  };
}

export const media = (name: string) => `${repository}/testdata/media/${name}`;

/** How many frames there are by now in each IVF file of a folder. */
export function pictures(dir: string): number[] {
  return (existsSync(dir) ? readdirSync(dir) : [])
    .filter((f) => f.endsWith('.ivf'))
    .map((f) => {
      const file = readFileSync(join(dir, f));
      let frames = 0;
      for (let at = 32; at + 12 <= file.length; at += 12 + file.readUInt32LE(at)) frames++;
      return frames;
    });
}

/** Every recorded video has as many decodable frames as the client says it wrote, by ffprobe's count. */
export async function probe(dir: string, report: Report): Promise<void> {
  const files = readdirSync(dir);
  const counted = files
    .filter((f) => f.endsWith('.ivf'))
    .map((f) =>
      Number(
        execFileSync(
          'ffprobe',
          ['-v', 'error', '-count_frames', '-show_entries', 'stream=nb_read_frames', '-of', 'csv=p=0', join(dir, f)],
          { encoding: 'utf8' },
        ).trim(),
      ),
    );
  const written = report.tracks.filter((t) => t.codec !== 'opus').map((t) => t.frames_written);
  expect(counted.sort()).toEqual(written.sort());
  for (const f of files.filter((f) => f.endsWith('.ogg')))
    execFileSync('ffprobe', ['-v', 'error', '-show_streams', join(dir, f)]);
}

/** What ffprobe says of a recording of the page. */
export function probed(file: string) {
  const args = ['-v', 'error', '-show_streams', '-show_format', '-count_frames', '-of', 'json', file];
  const { format, streams } = JSON.parse(execFileSync('ffprobe', args, { encoding: 'utf8' })) as {
    format: Record<string, string>;
    streams: Record<string, string | number>[];
  };
  const of = (kind: string) => streams.find((s) => s.codec_type === kind);
  return { seconds: Number(format.duration), video: of('video'), audio: of('audio') };
}
