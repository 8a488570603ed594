/** Why a file cannot be shared or taken now: the call's own word for it where it has one. */
export type FileFault = 'empty' | 'long' | 'many' | 'offline' | 'gone' | 'failed';

const KNOWN: readonly string[] = ['empty', 'long', 'many', 'offline', 'gone'] satisfies FileFault[];

export function faultOf(error: unknown): FileFault {
  const { code } = (error ?? {}) as { code?: unknown };
  return typeof code === 'string' && KNOWN.includes(code) ? (code as FileFault) : 'failed';
}
