/** The states the gallery shows, each a fake meeting. Pictures are drawn, so that tiles have something in them. */
import type { Problem, TileView } from '../../src/call/view.ts';
import { type FakeMeeting, fakeMeeting, fakeTile } from './fake.ts';

const problem = (code: string): Problem => ({ code, message: code });

export const scenes: Record<string, () => FakeMeeting> = {
  lobby: () => fakeMeeting('lobby'),
  'lobby-insecure': () => fakeMeeting('lobby', problem('insecure_context')),
  'lobby-no-transform': () => fakeMeeting('lobby', problem('no_transform')),
  'lobby-no-secret': () => fakeMeeting('lobby', problem('no_secret')),
  'call-1': () => call(1),
  'call-2': () => call(2),
  'call-5': () => call(5),
  'call-9': () => call(9),
  'call-screen': () => {
    const meeting = call(5);
    meeting.tiles.value = [
      ...meeting.tiles.value,
      fakeTile(1, { key: 'screen-1', kind: 'screen', video: drawnScreen() }),
    ];
    return meeting;
  },
  'call-own-screen': () => {
    const meeting = call(3);
    meeting.screen.value = true;
    meeting.tiles.value = [
      ...meeting.tiles.value,
      fakeTile(0, { key: 'screen-0', kind: 'screen', self: true, video: drawnScreen() }),
    ];
    return meeting;
  },
  'call-states': () => {
    const meeting = call(1);
    meeting.encryption.value = { state: 'attention', sentenceKey: '', count: 3 };
    meeting.tiles.value = [
      ...meeting.tiles.value,
      fakeTile(1, { state: 'waiting_for_key', name: '', mic: false }),
      fakeTile(2, { state: 'cannot_decrypt', camera: true, video: drawnPerson(2) }),
      fakeTile(3, { state: 'wrong_secret', name: '', mic: false }),
      fakeTile(4, { state: 'refused' }),
      fakeTile(5, { mic: false }),
    ];
    return meeting;
  },
  'call-roster': () => {
    const meeting = call(3);
    meeting.encryption.value = {
      state: 'attention',
      sentenceKey: 'encryption.sentence.roster_differs',
      count: 0,
      warning: 'roster_differs',
    };
    return meeting;
  },
  'call-broken': () => {
    const meeting = call(2);
    meeting.encryption.value = { state: 'broken', sentenceKey: '' };
    meeting.tiles.value = meeting.tiles.value.map((tile) => (tile.self ? { ...tile, state: 'engine_failed' } : tile));
    return meeting;
  },
  'call-muted': () => {
    const meeting = call(2);
    meeting.mic.value = false;
    meeting.camera.value = false;
    meeting.tiles.value = meeting.tiles.value.map((tile) =>
      tile.self ? { ...tile, mic: false, camera: false } : tile,
    );
    return meeting;
  },
  'call-reconnecting': () => {
    const meeting = call(3);
    meeting.phase.value = 'reconnecting';
    return meeting;
  },
  left: () => fakeMeeting('left'),
  failed: () => {
    const meeting = fakeMeeting('failed');
    meeting.problem.value = problem('worker_failed');
    return meeting;
  },
};

function call(count: number): FakeMeeting {
  const meeting = fakeMeeting('in_call');
  meeting.tiles.value = Array.from({ length: count }, (_, index): TileView => {
    const camera = index % 3 !== 2;
    return fakeTile(index, {
      self: index === 0,
      camera,
      mic: index % 4 !== 3,
      video: camera ? drawnPerson(index) : null,
    });
  });
  return meeting;
}

function drawnPerson(index: number): MediaStream {
  return drawn(640, 360, (brush, { width, height }) => {
    const hue = (index * 67 + 20) % 360;
    const wall = brush.createLinearGradient(0, 0, width, height);
    wall.addColorStop(0, `hsl(${hue} 18% 62%)`);
    wall.addColorStop(1, `hsl(${(hue + 40) % 360} 22% 34%)`);
    brush.fillStyle = wall;
    brush.fillRect(0, 0, width, height);
    brush.fillStyle = `hsl(${(hue + 190) % 360} 30% 30%)`;
    brush.beginPath();
    brush.ellipse(width / 2, height * 1.08, width * 0.22, height * 0.42, 0, 0, 7);
    brush.fill();
    brush.fillStyle = `hsl(24 ${30 + index * 4}% ${72 - index * 5}%)`;
    brush.beginPath();
    brush.ellipse(width / 2, height * 0.46, width * 0.085, height * 0.2, 0, 0, 7);
    brush.fill();
  });
}

function drawnScreen(): MediaStream {
  return drawn(1280, 800, (brush, { width, height }) => {
    brush.fillStyle = '#fbfbf9';
    brush.fillRect(0, 0, width, height);
    brush.fillStyle = '#24302f';
    brush.font = '600 44px system-ui';
    brush.fillText('Plan for the spring', 90, 130);
    brush.fillStyle = '#c7d0cd';
    for (let line = 0; line < 11; line++) brush.fillRect(90, 190 + line * 48, 620 + ((line * 137) % 430), 16);
  });
}

function drawn(
  width: number,
  height: number,
  draw: (brush: CanvasRenderingContext2D, size: { width: number; height: number }) => void,
): MediaStream {
  const canvas = document.createElement('canvas');
  canvas.width = width;
  canvas.height = height;
  const brush = canvas.getContext('2d');
  const paint = () => brush && draw(brush, { width, height });
  const stream = canvas.captureStream(5);
  paint();
  setInterval(paint, 250);
  return stream;
}
