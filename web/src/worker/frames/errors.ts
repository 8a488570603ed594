// Why a frame was not sealed or opened. The names are those of the errors of the Go package mediacrypt.
export type FrameErrorCode =
  | 'unknown_key'
  | 'replay'
  | 'order'
  | 'authentication'
  | 'malformed'
  | 'empty'
  | 'exhausted'
  | 'codec'
  | 'source'
  | 'key_id'
  | 'key_size'
  | 'key_conflict'
  | 'key_dropped';

/** A frame or key that was refused. `kid` is the frame's where it had a header; it is the sender's word only. */
export class FrameError extends Error {
  override readonly name = 'FrameError';
  readonly code: FrameErrorCode;
  readonly kid: bigint | undefined;
  /** With code unknown_key: the key was here and was dropped, so there is no sense in asking for it. */
  readonly dropped: boolean;

  constructor(code: FrameErrorCode, kid?: bigint, dropped = false) {
    super(kid === undefined ? code : `${code} (key ${kid >> 16n}/${kid & 0xffffn})`);
    this.code = code;
    this.kid = kid;
    this.dropped = dropped;
  }
}
