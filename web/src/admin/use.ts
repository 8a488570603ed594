import { useCallback, useEffect, useState } from 'preact/hooks';
import { Refusal } from './api.ts';

export interface Asked<T> {
  value: T | null;
  refusal: Refusal | null;
  /** Asks now. */
  again(): void;
}

/** What keepAsking hears. */
export function useAsked<T>(ask: () => Promise<T>, everyMs: number, of: readonly unknown[] = []): Asked<T> {
  const [value, setValue] = useState<T | null>(null);
  const [refusal, setRefusal] = useState<Refusal | null>(null);
  const [turn, setTurn] = useState(0);
  const again = useCallback(() => setTurn((n) => n + 1), []);
  useEffect(() => {
    const heard = (answer: T) => {
      setValue(() => answer);
      setRefusal(null);
    };
    return keepAsking(ask, everyMs, heard, setRefusal);
  }, [turn, everyMs, ...of]);
  return { value, refusal, again };
}

/** Asks at once, then every so often while the page is seen. Returns what ends it. */
export function keepAsking<T>(
  ask: () => Promise<T>,
  everyMs: number,
  heard: (answer: T) => void,
  refused: (why: Refusal) => void,
): () => void {
  let gone = false;
  let timer: ReturnType<typeof setTimeout>;
  const later = () => {
    timer = setTimeout(() => (document.hidden ? later() : void now()), everyMs);
  };
  const now = async () => {
    try {
      const answer = await ask();
      if (gone) return;
      heard(answer);
    } catch (error) {
      if (gone) return;
      refused(asRefusal(error));
    }
    later();
  };
  void now();
  return () => {
    gone = true;
    clearTimeout(timer);
  };
}

export interface Deed {
  busy: boolean;
  refusal: Refusal | null;
  /** True if it was done. */
  run(act: () => Promise<void>): Promise<boolean>;
}

/** One thing at a time, and what became of it. */
export function useDeed(): Deed {
  const [busy, setBusy] = useState(false);
  const [refusal, setRefusal] = useState<Refusal | null>(null);
  return {
    busy,
    refusal,
    async run(act) {
      setBusy(true);
      setRefusal(null);
      try {
        await act();
        return true;
      } catch (error) {
        setRefusal(asRefusal(error));
        return false;
      } finally {
        setBusy(false);
      }
    },
  };
}

function asRefusal(error: unknown): Refusal {
  return error instanceof Refusal ? error : new Refusal(0, String(error));
}
