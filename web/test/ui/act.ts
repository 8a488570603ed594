/** Does what a person would do to come to a state of the page: presses buttons and fills fields by their names. */
export type Step = string | { field: string; text: string };

const PATIENCE_FRAMES = 300;

export async function act(steps: readonly Step[]): Promise<void> {
  for (const step of steps) {
    if (typeof step === 'string') (await found(() => named('button, summary', step))).click();
    else fill(await found(() => field(step.field)), step.text);
    await frame();
  }
}

type Writable = HTMLInputElement | HTMLTextAreaElement;

function fill(element: Writable, text: string): void {
  element.value = text;
  element.dispatchEvent(new Event('input', { bubbles: true }));
}

function named(selector: string, name: string): HTMLElement | undefined {
  const all = document.querySelectorAll<HTMLElement>(selector);
  return [...all].find((element) => (element.getAttribute('aria-label') ?? element.textContent?.trim()) === name);
}

function field(name: string): Writable | undefined {
  const all = document.querySelectorAll<Writable>('input, textarea');
  return [...all].find((element) => [...(element.labels ?? [])].some((label) => label.textContent === name));
}

/** Waits some seconds for it, and says what never came. */
async function found<T>(look: () => T | undefined): Promise<T> {
  for (let frames = 0; frames < PATIENCE_FRAMES; frames++) {
    const there = look();
    if (there) return there;
    await frame();
  }
  throw new Error(`never came: ${look}`);
}

function frame(): Promise<number> {
  return new Promise(requestAnimationFrame);
}
