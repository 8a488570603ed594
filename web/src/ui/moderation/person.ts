/** What a moderator can do about somebody, besides removing them. */
import { healthy, type Meeting, moderates, type TileView } from '../../call/view.ts';

export function moderating(meeting: Meeting, tile: TileView) {
  const { moderation } = meeting;
  const person = { user: tile.user, device: tile.device };
  if (!moderates(moderation.role.value) || !healthy(tile.state)) return [];
  const off = (what: 'mic' | 'camera' | 'screen') => () => moderation.switchOff(person, what);
  const shares = meeting.tiles.value.some(
    ({ kind, user, device }) => kind === 'screen' && user === tile.user && device === tile.device,
  );
  const views = moderation.roleOf(person) === 'viewer';
  const above = moderation.above(person);
  return [
    ...(tile.mic ? ([{ name: 'mute', icon: 'micOff', run: off('mic') }] as const) : []),
    ...(tile.camera ? ([{ name: 'stop', icon: 'cameraOff', run: off('camera') }] as const) : []),
    ...(shares ? ([{ name: 'unshare', icon: 'screen', run: off('screen') }] as const) : []),
    ...(above && !views
      ? ([
          { name: 'promote', icon: 'personCheck', run: () => moderation.setRole(person, 'moderator') },
          { name: 'view', icon: 'person', run: () => moderation.setRole(person, 'viewer') },
        ] as const)
      : []),
    ...(above && views
      ? ([{ name: 'unview', icon: 'mic', run: () => moderation.setRole(person, 'participant') }] as const)
      : []),
  ];
}
