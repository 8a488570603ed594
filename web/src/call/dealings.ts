// What one does about another person who is here: comparing keys by emoji or by a code to scan, blocking, removing.
import type { ReadonlySignal } from '@preact/signals';
import type { Device } from '../wire.ts';
import type { Session } from './session.ts';
import type { SessionEvents } from './session_parts.ts';
import { Verifications } from './verifications.ts';
import type { PersonRef, VerificationView } from './view.ts';

type Told = Parameters<SessionEvents['verification']>[0];

/** The session there is, if any, and whether its engine is lost. */
type Now = () => { session: Session | null; broken: boolean };

export class Dealings {
  private readonly verifications = new Verifications();
  private readonly now: Now;

  constructor(now: Now) {
    this.now = now;
  }

  get verification(): ReadonlySignal<VerificationView | null> {
    return this.verifications.shown;
  }

  verify(person: PersonRef, step: 'request' | 'match' | 'mismatch' | 'cancel'): void {
    this.about(person, (session, device) => session.verify(device, step));
  }

  closeVerification(): void {
    this.verifications.close();
  }

  async qr(person: PersonRef): Promise<string> {
    const { session } = this.now();
    const device = session?.people.find(person);
    if (!session || !device) throw new Error('this person is not here');
    return session.qr(device);
  }

  scanned(person: PersonRef, text: string): void {
    this.about(person, (session, device) => session.scanned(device, text));
  }

  block(person: PersonRef): void {
    this.about(person, (session, device) => session.block(device));
  }

  /** Takes somebody out of everybody's keys; `also` is done about the device it was. */
  remove(person: PersonRef, changeLink: boolean, also: (device: Device) => void): void {
    this.about(person, (session, device) => {
      session.remove(device, changeLink);
      also(device);
    });
  }

  told(session: Session, told: Told): void {
    this.verifications.told(told, session.people.name(told.with));
  }

  left(device: Device): void {
    this.verifications.leave(device);
  }

  /** The next session has other keys. */
  clear(): void {
    this.verifications.clear();
  }

  /** Who has left meanwhile needs nothing done. */
  private about(person: PersonRef, act: (session: Session, device: Device) => void): void {
    const { session, broken } = this.now();
    const device = session?.people.find(person);
    if (session && device && !broken) act(session, device);
  }
}
