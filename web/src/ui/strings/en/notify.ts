/** Sounds, and notifications of the system. */
export const notify = {
  'notify.title': 'Sounds and notifications',
  'notify.sounds': 'Sounds',
  'notify.sounds.hint': 'When somebody joins, leaves, writes, knocks or raises a hand.',
  'notify.notices': 'Notifications',
  'notify.notices.hint': 'While you look at another page. They say who it was, and nothing of what was written.',
  'notify.denied': 'The browser does not allow this page to show notifications. Allow it in the address bar.',
  'notify.message': '{name} wrote a message',
  'notify.file': '{name} shares a file',
  'notify.poll': '{name} asks something',
  'notify.hand': '{name} raised a hand',
  'notify.knock': '{name} asks to come in',
} as const;
