/** Which speaker an element is heard from. */
import { useEffect } from 'preact/hooks';

/** Sends an element's sound to a speaker, '' being the system's. A speaker that is gone leaves it where it was. */
export async function sendTo(element: HTMLMediaElement, speaker: string): Promise<void> {
  if (!('setSinkId' in element) || (speaker === '' && element.sinkId === '')) return;
  await element.setSinkId(speaker).catch(() => {});
}

export function useSink(ref: { readonly current: HTMLMediaElement | null }, speaker: string): void {
  useEffect(() => {
    if (ref.current) void sendTo(ref.current, speaker);
  }, [ref, speaker]);
}
