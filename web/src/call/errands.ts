// What the engine has carried to the server: messages to devices and to all, keys given out and asked for, its proof.
import { MaxClaims, MaxRecipients } from '../wire.ts';
import type { PageEffect } from '../worker/messages.ts';
import { assertNever } from '../worker/messages.ts';
import type { EngineClient } from './engine_client.ts';
import type { Signalling } from './signalling.ts';

export type Errand = Extract<
  PageEffect,
  { type: 'send_messages' | 'claim_keys' | 'upload_keys' | 'send_data' | 'prove' }
>;

export class Errands {
  private readonly signalling: Pick<Signalling, 'request'>;
  private readonly engine: Pick<EngineClient, 'tell'>;

  constructor(signalling: Pick<Signalling, 'request'>, engine: Pick<EngineClient, 'tell'>) {
    this.signalling = signalling;
    this.engine = engine;
  }

  run(errand: Errand): void {
    const { signalling } = this;
    switch (errand.type) {
      case 'send_messages':
        for (const some of chunks(errand.messages, MaxRecipients)) {
          const messages = some.map(({ to, envelope }) => ({ to, ...envelope }));
          signalling.request({ type: 'to_device', messages }).catch(refusal);
        }
        return;
      case 'claim_keys':
        for (const devices of chunks(errand.devices, MaxClaims)) {
          signalling
            .request({ type: 'claim_keys', devices })
            .then(({ keys }) => this.engine.tell({ type: 'keys_claimed', keys }), refusal);
        }
        return;
      case 'upload_keys': {
        const { one_time_keys, fallback_key } = errand;
        const fallback = fallback_key ? { fallback_key } : {};
        signalling.request({ type: 'upload_keys', one_time_keys, ...fallback }).catch(refusal);
        return;
      }
      case 'send_data':
        signalling
          .request({ type: 'send_data', body: errand.body, ...(errand.to ? { to: errand.to } : {}) })
          .catch(refusal);
        return;
      case 'prove':
        signalling.request({ type: 'prove', proof: errand.proof }).catch(refusal);
        return;
      default:
        return assertNever(errand);
    }
  }

  /** Of the last errands only words to everybody, when nobody waits for an answer any more. */
  lastWords(effects: PageEffect[]): void {
    for (const effect of effects) {
      if (effect.type === 'send_data')
        this.signalling.request({ type: 'send_data', body: effect.body }).catch(() => {});
    }
  }
}

/**
 * A message to devices that was refused: the one it was for has left, or we were too fast. The engine asks again by its
 * own clock, as a mender does, so there is nothing to do here; and nobody to tell, since nothing is lost yet.
 */
export function refusal(error: unknown): void {
  console.warn(`refused by the server: ${(error as Error).message}`);
}

function chunks<T>(all: T[], size: number): T[][] {
  const some: T[][] = [];
  for (let i = 0; i < all.length; i += size) some.push(all.slice(i, i + size));
  return some;
}
