// Questions to the engine whose answers come as effects, some time later, each under a key.

/** Longer than the engine takes for any of them, also on a slow machine. */
const PATIENCE_MS = 15_000;

interface Waiting<T> {
  resolve(answer: T): void;
  reject(error: Error): void;
}

export class Asked<T> {
  private readonly waiting = new Map<string, Waiting<T>[]>();
  private over: Error | null = null;

  /** Asks by calling `tell`. Rejects where no answer comes. */
  ask(key: string, tell: () => void): Promise<T> {
    return new Promise<T>((resolve, reject) => {
      if (this.over) return reject(this.over);
      const timer = setTimeout(() => reject(new Error('the engine did not answer')), PATIENCE_MS);
      const waiting = {
        resolve: (answer: T) => {
          clearTimeout(timer);
          resolve(answer);
        },
        reject: (error: Error) => {
          clearTimeout(timer);
          reject(error);
        },
      };
      this.waiting.set(key, [...(this.waiting.get(key) ?? []), waiting]);
      tell();
    });
  }

  /** Answers the question that was asked first. */
  answer(key: string, answer: T): void {
    this.waiting.get(key)?.shift()?.resolve(answer);
  }

  /** Rejects every question, those that come later too. */
  end(error: Error): void {
    this.over = error;
    for (const waiting of this.waiting.values()) for (const { reject } of waiting) reject(error);
    this.waiting.clear();
  }
}
