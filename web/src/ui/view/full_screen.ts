/** The whole screen for the call, or for one tile; Escape, or asking again, gives it back. */

/** Not on an iPhone, for one. */
export function canFill(): boolean {
  return document.fullscreenEnabled;
}

export function fill(element: Element | null): void {
  // Refused where no person asked for it: then all stays as it is.
  const done = document.fullscreenElement === element ? document.exitFullscreen() : element?.requestFullscreen();
  done?.catch(() => {});
}

export function fillCall(): void {
  if (canFill()) fill(document.querySelector('main.call'));
}

export function tileElement(key: string): Element | null {
  return document.querySelector(`figure[data-key="${CSS.escape(key)}"]`);
}
