import { beforeEach, describe, expect, test, vi } from 'vitest';
import { derive, rawOf, release } from '../../src/call/effects/derived.ts';
import { Rate } from '../../src/call/effects/rate.ts';
import { type Makers, NotYetError } from '../../src/call/treatment.ts';
import { devicesOf, FakeDevices, FakeStream, FakeTrack, settle } from './fake_devices.ts';
import { FakeStorage } from './fake_storage.ts';

beforeEach(() => {
  vi.stubGlobal('MediaStream', FakeStream);
});

const track = (kind: 'audio' | 'video') => new FakeTrack(kind, 'device') as FakeTrack & MediaStreamTrack;

/** Makes tracks that say what they were made of. */
function makers(): Makers & { closed: string[]; touch: () => void } {
  const closed: string[] = [];
  const make = async (raw: MediaStreamTrack) => derive(raw, track(raw.kind as 'audio'), () => closed.push(raw.kind));
  const touched: (() => void)[] = [];
  const onTouch = (act: () => void) => void touched.push(act);
  return { closed, touch: () => touched.pop()?.(), withoutNoise: make, withBackground: make, onTouch };
}

describe('what one chose', () => {
  test('is kept in this browser, with nothing else', () => {
    const storage = new FakeStorage();
    const devices = devicesOf(new FakeDevices(), { storage });
    devices.choose('mic', 'mic-2');
    devices.choose('speaker', 'speaker-1');
    devices.setResolution(360);
    devices.setNoise(true);
    const kept = JSON.parse(storage.getItem('grotto.devices') ?? '');
    expect(kept).toEqual({ mic: 'mic-2', speaker: 'speaker-1', resolution: 360, noise: true, background: 'none' });
    const again = devicesOf(new FakeDevices(), { storage });
    expect([again.micId.value, again.speakerId.value, again.resolution.value, again.noise.value]).toEqual([
      'mic-2',
      'speaker-1',
      360,
      true,
    ]);
  });

  test.each(['', 'null', '[]', '{"resolution":1e9,"mic":""}', 'no JSON'])(
    'what is stored may be anything: %j',
    (text) => {
      const storage = new FakeStorage();
      storage.setItem('grotto.devices', text);
      expect(devicesOf(new FakeDevices(), { storage }).resolution.value).toBe(720);
    },
  );

  test('a picture is kept, is there again another day, and is forgotten when one says so', async () => {
    const picture = { width: 1, height: 1 } as ImageBitmap;
    vi.stubGlobal('createImageBitmap', async () => picture);
    const storage = new FakeStorage();
    let kept: ImageBitmap | null = null;
    const pictures = {
      read: async () => kept,
      keep: async (now: ImageBitmap | null) => {
        kept = now;
      },
    };
    const open = () => devicesOf(new FakeDevices(), { storage, pictures, make: makers() });
    const looks = ({ background, pictured }: ReturnType<typeof open>) => [background.value, pictured.value];
    const devices = open();
    await devices.setBackground('image', new Blob());
    expect(looks(devices)).toEqual(['image', true]);

    const later = open();
    expect(looks(later)).toEqual(['image', false]); // until it is there the room is blurred
    await settle();
    expect(looks(later)).toEqual(['image', true]);
    later.forgetPicture();
    expect([...looks(later), kept]).toEqual(['blur', false, null]);
    await later.setBackground('image');
    expect(looks(later)).toEqual(['blur', false]);
  });

  test('that the room is to be hidden outlives the picture that hid it', async () => {
    const storage = new FakeStorage();
    storage.setItem('grotto.devices', '{"background":"image"}');
    const devices = devicesOf(new FakeDevices(), { storage });
    await settle();
    expect([devices.background.value, devices.pictured.value]).toEqual(['blur', false]);
  });

  test('a file that is no picture changes nothing', async () => {
    vi.stubGlobal('createImageBitmap', () => Promise.reject(new Error('no picture')));
    const devices = devicesOf(new FakeDevices());
    await expect(devices.setBackground('image', new Blob())).rejects.toThrow();
    expect(devices.background.value).toBe('none');
  });
});

describe('a track that is made of another', () => {
  test('stops the device with it, and ends when the device does', () => {
    const [raw, made] = [track('video'), track('video')];
    let closed = 0;
    derive(raw, made, () => closed++);
    made.stop();
    made.stop();
    expect([raw.stopped, closed]).toEqual([true, 1]);

    const [other, lost] = [track('video'), track('video')];
    let ended = 0;
    derive(other, lost, () => closed++).addEventListener('ended', () => ended++);
    other.lose();
    expect([lost.stopped, closed, ended]).toEqual([true, 2, 1]);
  });

  test('gives the device back', () => {
    const [raw, made] = [track('audio'), track('audio')];
    derive(raw, made, () => {});
    expect(rawOf(made)).toBe(raw);
    release(made);
    expect([raw.stopped, rawOf(raw)]).toEqual([false, raw]);
  });
});

describe('noise and background', () => {
  test('are treated before anybody gets a track, and again when one says so, of the same device', async () => {
    const make = makers();
    const browser = new FakeDevices();
    const devices = devicesOf(browser, { make });
    devices.setNoise(true);
    await devices.setBackground('blur');
    const [mic, camera] = (await devices.open({ mic: true, camera: true })) as [MediaStreamTrack, MediaStreamTrack];
    expect([rawOf(mic), rawOf(camera)]).toEqual(browser.made);
    expect([devices.noiseState.value, devices.backgroundState.value]).toEqual(['on', 'on']);

    await devices.setBackground('none');
    const plain = await devices.treatAgain(camera);
    expect(plain).toBe(browser.made[1]);
    devices.putAway(camera, plain);
    expect([make.closed, browser.made[1]?.stopped]).toEqual([['video'], false]);
  });

  test('a background that fails leaves nothing open; noise that cannot be taken out leaves the voice', async () => {
    const failing = async () => Promise.reject(new Error('no memory'));
    const browser = new FakeDevices();
    const devices = devicesOf(browser, { make: { ...makers(), withoutNoise: failing, withBackground: failing } });
    devices.setNoise(true);
    expect(await devices.open({ mic: true })).toEqual([browser.made[0]]);
    expect(devices.noiseState.value).toBe('failed');
    await devices.setBackground('blur');
    await expect(devices.open({ mic: true, camera: true })).rejects.toThrow('no memory');
    expect(browser.made.slice(1).every(({ stopped }) => stopped)).toBe(true);
    expect(devices.backgroundState.value).toBe('failed');
  });

  test('a browser that holds the sound back until a touch is asked again then', async () => {
    const make = makers();
    const told: string[] = [];
    let ready = false;
    const { withoutNoise } = make;
    make.withoutNoise = (raw) => (ready ? withoutNoise(raw) : Promise.reject(new NotYetError('not yet')));
    const browser = new FakeDevices();
    const devices = devicesOf(browser, { make });
    devices.setNoise(true);
    const [mic] = (await devices.open({ mic: true })) as [MediaStreamTrack];
    expect(mic).toBe(browser.made[0]);
    devices.onChange((kind, what) => told.push(`${kind} ${what}`));
    ready = true;
    make.touch();
    expect(told).toEqual(['mic treatment']);
    expect(rawOf(await devices.treatAgain(mic))).toBe(mic);
  });

  test('a picture that is made too slowly becomes smaller, step by step; a camera that gives few does not', () => {
    let now = 0;
    const second = (rate: Rate, offered: number, made: number) => {
      let smaller = 0;
      for (let i = 0; i < offered; i++) rate.offer();
      for (let i = 0; i < made; i++) {
        now += 1000 / made;
        if (rate.done(720)) smaller++;
      }
      return smaller;
    };
    const dark = new Rate(() => now);
    for (let s = 0; s < 10; s++) expect(second(dark, 8, 8)).toBe(0);
    const slow = new Rate(() => now);
    let smaller = 0;
    for (let s = 0; s < 20; s++) smaller += second(slow, 30, 6);
    expect([smaller, slow.divisor]).toEqual([3, 8]);
    const fast = new Rate(() => now);
    for (let s = 0; s < 10; s++) expect(second(fast, 30, 14)).toBe(0);
  });
});

test('a speaker that the browser lists only when asked is chosen with it', async () => {
  const browser = new FakeDevices();
  const asking = Object.assign(browser, {
    selectAudioOutput: async () => ({ deviceId: 'speaker-9', label: 'Loud', kind: 'audiooutput' }),
  });
  const devices = devicesOf(asking);
  expect(devices.can.askForSpeaker).toBe(true);
  await devices.askForSpeaker();
  await settle();
  expect([devices.speakerId.value, devices.speakers.value.at(-1)]).toEqual([
    'speaker-9',
    { id: 'speaker-9', label: 'Loud' },
  ]);
});
