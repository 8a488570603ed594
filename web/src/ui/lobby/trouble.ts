/** What is wrong with a device before the call, and in words. */
import { text } from '../strings/text.ts';

export type DeviceKind = 'mic' | 'camera';
export type DeviceFault = 'denied' | 'missing' | 'busy' | 'background';

export interface DeviceTrouble {
  fault: DeviceFault;
  kind: DeviceKind | 'both';
}

export function faultOf(error: unknown): DeviceFault {
  const name = error instanceof Error || error instanceof DOMException ? error.name : '';
  if (name === 'BackgroundError') return 'background';
  if (name === 'NotAllowedError' || name === 'SecurityError') return 'denied';
  if (name === 'NotFoundError' || name === 'OverconstrainedError') return 'missing';
  return 'busy';
}

export function troubleWords({ fault, kind }: DeviceTrouble): { message: string; hint: string } {
  if (fault === 'missing') return { message: text(`device.missing.${kind}`), hint: text('device.missing.hint') };
  return { message: text(`device.${fault}`), hint: text(`device.${fault}.hint`) };
}
