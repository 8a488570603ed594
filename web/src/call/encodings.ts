// In which sizes a video is sent, and which of them are encoded now. VP8 and H.264 come as up to three streams beside each
// other (simulcast), VP9 and AV1 as one stream in layers where the browser can do that. A small picture comes in fewer.
import type { Codec, Layer } from '../wire.ts';
import type { Size } from './view.ts';

/** With what TypeScript's library does not know (https://www.w3.org/TR/webrtc-svc/). */
export interface Encoding extends RTCRtpEncodingParameters {
  scalabilityMode?: string;
}

export type Picture = 'camera' | 'screen';

// Simulcast streams by name, the smallest first; of two the last two.
const RIDS = ['q', 'h', 'f'];

// A stream is worth its cost from this on, by the shorter side.
const THREE_FROM = 540;
const TWO_FROM = 270;
const SCREEN_TWO_FROM = 540;

const SCREEN_FPS = 15;
const SMALL_SCREEN_FPS = 5;
const SCREEN_BITRATE = 2_500_000;

// 180p is good at 150 kbit/s; detail grows slower than the number of pixels: 360p gets 490, 720p 1,580.
const SMALL_PIXELS = 320 * 180;
const SMALL_BITRATE = 150_000;
const GROWTH = 0.85;
const thrift: Partial<Record<Codec, number>> = { vp9: 0.75, av1: 0.6 };

/** What to ask the browser for. The first encoding is the smallest. */
export function encodingsFor(picture: Picture, codec: Codec, size: Size): Encoding[] {
  const count = streamsOf(picture, size);
  const layered = codec === 'vp9' || codec === 'av1';
  if (layered) return [inLayers(picture, codec, size, count)];
  return Array.from({ length: count }, (_, i) => {
    const scale = 2 ** (count - 1 - i);
    const smaller = picture === 'screen' && scale > 1;
    return {
      ...(count > 1 ? { rid: RIDS[RIDS.length - count + i] ?? '' } : {}),
      active: true,
      scalabilityMode: 'L1T3',
      scaleResolutionDownBy: scale,
      maxBitrate: bitrateOf(picture, codec, scaled(size, scale)),
      ...(picture === 'screen' ? { maxFramerate: smaller ? SMALL_SCREEN_FPS : SCREEN_FPS } : {}),
    };
  });
}

/** The same for a browser that refuses scalability modes, or knows none: one stream where there would be layers. */
export function withoutModes(encodings: Encoding[]): Encoding[] {
  return encodings.map(({ scalabilityMode: _, ...rest }) => rest);
}

/** The sizes it comes in, for the server; none where there is one. `encodings` as the browser has taken them. */
export function layersOf(encodings: Encoding[], size: Size): Layer[] {
  const [first] = encodings;
  if (encodings.length > 1) {
    return encodings.map(({ rid = '', scaleResolutionDownBy = 1 }) => ({
      rid,
      ...scaled(size, scaleResolutionDownBy),
    }));
  }
  const spatial = spatialLayers(first?.scalabilityMode);
  if (spatial < 2) return [];
  return Array.from({ length: spatial }, (_, i) => scaled(size, 2 ** (spatial - 1 - i)));
}

/**
 * Switches the encoders of what nobody is sent off, and those of what somebody is sent on. `whole` is the mode with all
 * layers of a stream in layers: of such a one the upper ones are left out and the picture is made smaller, so that the
 * lowest layer has the same size as before.
 */
export function want(encodings: Encoding[], layers: number, whole: string | undefined): void {
  const [first] = encodings;
  if (encodings.length > 1 || first === undefined) {
    for (const [i, encoding] of encodings.entries()) encoding.active = i < layers;
    return;
  }
  first.active = layers > 0;
  const spatial = spatialLayers(whole);
  if (whole === undefined || spatial < 2 || layers === 0) return;
  const left = Math.min(layers, spatial);
  first.scalabilityMode = left === 1 ? whole.replace(/^L\d(T\d).*$/, 'L1$1') : whole.replace(/^L\d/, `L${left}`);
  first.scaleResolutionDownBy = 2 ** (spatial - left);
}

/** How many spatial layers a mode has: L3T3_KEY has three. */
export function spatialLayers(mode: string | undefined): number {
  return Number(/^L(\d)T\d/.exec(mode ?? '')?.[1] ?? 1);
}

function inLayers(picture: Picture, codec: Codec, size: Size, count: number): Encoding {
  // AV1 in three spatial layers asks too much of most encoders.
  const spatial = picture === 'screen' ? 1 : Math.min(count, codec === 'av1' ? 2 : 3);
  const sizes = Array.from({ length: spatial }, (_, i) => scaled(size, 2 ** i));
  return {
    active: true,
    scalabilityMode: spatial === 1 ? 'L1T3' : codec === 'av1' ? 'L2T2' : `L${spatial}T3_KEY`,
    maxBitrate: sizes.reduce((sum, s) => sum + bitrateOf(picture, codec, s), 0),
    ...(picture === 'screen' ? { maxFramerate: SCREEN_FPS } : {}),
  };
}

function streamsOf(picture: Picture, { width, height }: Size): number {
  const side = Math.min(width, height);
  if (picture === 'screen') return side >= SCREEN_TWO_FROM ? 2 : 1;
  return side >= THREE_FROM ? 3 : side >= TWO_FROM ? 2 : 1;
}

function bitrateOf(picture: Picture, codec: Codec, { width, height }: Size): number {
  const bitrate = SMALL_BITRATE * ((width * height) / SMALL_PIXELS) ** GROWTH * (thrift[codec] ?? 1);
  return Math.round(picture === 'screen' ? Math.min(bitrate, SCREEN_BITRATE) : bitrate);
}

function scaled({ width, height }: Size, by: number): Size {
  return { width: Math.floor(width / by), height: Math.floor(height / by) };
}
