// What ui/ sees of files.
import type { ReadonlySignal } from '@preact/signals';
import type { PersonRef } from '../view.ts';

/**
 * Of others: offered, then receiving, then ready; or broken (not what was promised), stalled (it does not come), gone (who
 * offered it left, or offers it no more). Ours: shared, until it is gone.
 */
export type FileState = 'offered' | 'receiving' | 'ready' | 'broken' | 'stalled' | 'gone' | 'shared';

export interface FileView {
  key: string;
  name: string;
  size: number;
  self: boolean;
  state: FileState;
  /** From 0 to 1, while it is received. */
  progress: number;
  /** Of ours: how many have it, and whether it is being sent. */
  taken: number;
  sending: boolean;
}

export interface FilesView {
  /** By the key that their line of the chat has. */
  readonly all: ReadonlySignal<ReadonlyMap<string, FileView>>;
  /** Offers a file to everybody or to one. Rejects with a SayError where it is empty, too large, or cannot go out now. */
  share(file: File, to?: PersonRef): Promise<void>;
  /** Takes what is offered; throws a SayError where that cannot be now. */
  take(key: string): void;
  /** Stops receiving, or offers one's own no more. */
  cancel(key: string): void;
  /** What was received, of a type that no browser runs. */
  whole(key: string): Blob | null;
}
