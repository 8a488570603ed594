// Which codec a track is sent in, and which this browser can play.
import type { Codec } from '../wire.ts';
import type { VideoCodec } from './view.ts';

export const VIDEO_CODECS: readonly VideoCodec[] = ['vp8', 'vp9', 'av1', 'h264'];

interface CodecChoice {
  codec: Codec;
  preferences: RTCRtpCodec[];
}

/**
 * Exactly one codec, and retransmission. Opus stands alone: RED would carry old frames beside new ones under one header.
 * A browser that cannot encode what was asked for sends VP8, which all can.
 */
export function chooseCodec(kind: 'audio' | 'video', wanted: VideoCodec): CodecChoice {
  const all = RTCRtpSender.getCapabilities(kind)?.codecs ?? [];
  if (kind === 'audio') return { codec: 'opus', preferences: named(all, 'audio/opus') };
  const codec = named(all, `video/${wanted}`).length > 0 ? wanted : 'vp8';
  return { codec, preferences: [...named(all, `video/${codec}`), ...named(all, 'video/rtx')] };
}

/** What this browser has no decoder for: a Firefox without its OpenH264 plugin, a Safari without AV1. */
export function unplayable(): VideoCodec[] {
  const all = RTCRtpReceiver.getCapabilities('video')?.codecs;
  return all ? VIDEO_CODECS.filter((codec) => named(all, `video/${codec}`).length === 0) : [];
}

function named(all: readonly RTCRtpCodec[], mimeType: string): RTCRtpCodec[] {
  return all.filter((c) => c.mimeType.toLowerCase() === mimeType && usual(c));
}

/** The one form that is forwarded, which every decoder has: 8 bits and 4:2:0; of H.264 constrained baseline, in fragments. */
function usual({ mimeType, sdpFmtpLine = '' }: RTCRtpCodec): boolean {
  if (mimeType.toLowerCase() !== 'video/h264') return !/profile(-id)?=[1-9]/.test(sdpFmtpLine);
  return /packetization-mode=1/.test(sdpFmtpLine) && /profile-level-id=42e0/i.test(sdpFmtpLine);
}
