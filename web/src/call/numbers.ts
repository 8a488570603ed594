// How well sound and pictures get through, in numbers, out of the browser's own statistics. What it does not count is null.

/** One direction of one medium. */
export interface Flow {
  kilobits: number | null; // a second
  /** Lost on the way, 0 to 1: since the last look, or of late. */
  lost: number | null;
  jitterMs: number | null;
  width: number | null;
  height: number | null;
  frames: number | null; // a second
  codec: string;
  /** What keeps the picture smaller than it could be, where the browser says so. */
  limit: 'cpu' | 'bandwidth' | null;
}

export interface Numbers {
  picture: Flow | null;
  sound: Flow | null;
  roundTripMs: number | null;
}

/** As much as is read of an entry of getStats. */
export interface Stat {
  id: string;
  type: string;
  timestamp: number;
  kind?: string;
  codecId?: string;
  mimeType?: string;
  bytesReceived?: number;
  bytesSent?: number;
  packetsReceived?: number;
  packetsLost?: number;
  fractionLost?: number;
  jitter?: number;
  frameWidth?: number;
  frameHeight?: number;
  framesPerSecond?: number;
  qualityLimitationReason?: string;
  roundTripTime?: number;
  currentRoundTripTime?: number;
  nominated?: boolean;
}

/** Numbers out of two looks; without the one before there is nothing that is counted a second. */
export function numbersOf(now: readonly Stat[], before: readonly Stat[]): Numbers {
  const flow = (kind: string) => flowOf(kind, now, before);
  return { picture: flow('video'), sound: flow('audio'), roundTripMs: roundTrip(now) };
}

function flowOf(kind: string, now: readonly Stat[], before: readonly Stat[]): Flow | null {
  // Several streams of one picture are its sizes: they count together, and the largest is what one sees.
  const streams = now.filter(({ type, kind: k }) => k === kind && (type === 'inbound-rtp' || type === 'outbound-rtp'));
  if (streams.length === 0) return null;
  const largest = streams.reduce((a, b) => ((b.frameWidth ?? 0) > (a.frameWidth ?? 0) ? b : a));
  const reason = largest.qualityLimitationReason;
  return {
    kilobits: rate(streams, before),
    lost: lossOf(kind, now, streams, before),
    jitterMs: largest.jitter === undefined ? null : Math.round(largest.jitter * 1000),
    width: largest.frameWidth ?? null,
    height: largest.frameHeight ?? null,
    frames: largest.framesPerSecond === undefined ? null : Math.round(largest.framesPerSecond),
    codec: now.find(({ id }) => id === largest.codecId)?.mimeType?.replace(/^\w+\//, '') ?? '',
    limit: reason === 'cpu' || reason === 'bandwidth' ? reason : null,
  };
}

function rate(streams: readonly Stat[], before: readonly Stat[]): number | null {
  let bits = 0;
  let known = false;
  for (const now of streams) {
    const last = before.find(({ id }) => id === now.id);
    const ms = last ? now.timestamp - last.timestamp : 0;
    if (!last || ms <= 0) continue;
    known = true;
    bits += ((bytes(now) - bytes(last)) * 8) / ms;
  }
  return known ? Math.max(0, Math.round(bits)) : null;
}

function bytes({ bytesReceived, bytesSent }: Stat): number {
  return bytesReceived ?? bytesSent ?? 0;
}

function lossOf(kind: string, now: readonly Stat[], streams: readonly Stat[], before: readonly Stat[]): number | null {
  const told = now.filter(({ type, kind: k }) => type === 'remote-inbound-rtp' && k === kind);
  const fractions = told.flatMap(({ fractionLost }) => (fractionLost === undefined ? [] : [fractionLost]));
  if (fractions.length > 0) return Math.max(...fractions);
  let lost = 0;
  let received = 0;
  for (const stream of streams) {
    if (stream.packetsReceived === undefined) return null;
    const last = before.find(({ id }) => id === stream.id);
    lost += (stream.packetsLost ?? 0) - (last?.packetsLost ?? 0);
    received += stream.packetsReceived - (last?.packetsReceived ?? 0);
  }
  return lost + received > 0 ? Math.max(0, lost) / (Math.max(0, lost) + received) : null;
}

function roundTrip(now: readonly Stat[]): number | null {
  const pair = now.find(
    ({ type, nominated, currentRoundTripTime: time }) => type === 'candidate-pair' && nominated && time,
  );
  const seconds = pair?.currentRoundTripTime ?? now.find(({ roundTripTime }) => roundTripTime)?.roundTripTime;
  return seconds === undefined ? null : Math.round(seconds * 1000);
}

/** All that these have counted so far, in one list. */
export async function statsOf(counting: readonly { getStats(): Promise<RTCStatsReport> }[]): Promise<Stat[]> {
  const reports = await Promise.all(counting.map((one) => one.getStats()));
  return reports.flatMap((report) => [...(report as unknown as Map<string, Stat>).values()]);
}
