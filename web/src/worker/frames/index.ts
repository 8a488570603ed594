export { type Bytes, Codec, Source } from './codec.ts';
export { FrameError, type FrameErrorCode } from './errors.ts';
export { Order } from './order.ts';
export { type Opened, Opener, Sealer } from './sframe.ts';
