/** Calls with drawn pictures, so that tiles have something in them. */
import type { TileView } from '../../src/call/view.ts';
import { type FakeMeeting, fakeMeeting, fakeTile } from './fake.ts';

export function call(count: number): FakeMeeting {
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

/** So many, with a few pictures among them all: what is drawn here is not what is measured. */
export function crowd(count: number): FakeMeeting {
  const meeting = fakeMeeting('in_call');
  const pictures = [1, 3, 4].map(drawnPerson);
  meeting.tiles.value = Array.from({ length: count }, (_, index): TileView => {
    const name = `${fakeTile(index).name} ${Math.floor(index / 9) + 1}`;
    return fakeTile(index, { name, self: index === 0, camera: true, video: pictures[index % 3] ?? null });
  });
  return meeting;
}

/** Only this one speaks. */
export function speak(meeting: FakeMeeting, index: number): void {
  meeting.tiles.value = meeting.tiles.value.map((tile, i) =>
    tile.speaking === (i === index) ? tile : { ...tile, speaking: i === index },
  );
  meeting.stage.look(meeting.tiles.value);
}

export function drawnPerson(index: number): MediaStream {
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

export function drawnScreen(): MediaStream {
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
