/** What this browser keeps: one’s own keys and whom one met. */
export const device = {
  'device.title': 'This device',
  'device.identity.guest': 'You are here as a guest: when you leave, this browser forgets your keys and whom you met.',
  'device.identity.kept':
    'This browser remembers you. People who verified you will recognise you in later meetings, and you them.',
  'device.identity.unavailable':
    'This browser keeps nothing for the page, or another tab is using your identity. Here you are a guest.',
  'device.forget': 'Forget this device',
  'device.forget.text': 'Deletes your keys, and whom you verified or blocked, from this browser.',
  'device.forget.title': 'Forget this device?',
  'device.forget.does':
    'Your keys and the list of people are deleted from this browser. In later meetings you are new to everybody, and everybody to you. This cannot be undone.',
  'device.forget.confirm': 'Forget everything',
  'device.forgotten': 'Everything was deleted. From the next meeting on you are new to everybody.',
  'device.failed': 'It could not be deleted. Reload the page and try again.',
  'device.known': 'People you met',
  'device.known.none': 'Nobody is remembered yet.',
  'device.known.failed': 'The list could not be read.',
  'device.known.verified': 'Verified',
  'device.known.blocked': 'Blocked',
  'device.known.met': 'Met before',
  'device.known.nameless': 'Somebody without a name',
  'device.known.forget': 'Forget',
  'device.known.forget.label': 'Forget {name}',
  'device.known.unblock': 'Unblock',
  'device.known.unblock.label': 'Unblock {name}',
  'device.known.later': 'Changes count from the next meeting on.',
} as const;
