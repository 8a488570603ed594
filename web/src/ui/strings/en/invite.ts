/** How others get in: the link, a code to scan. */
export const invite = {
  'invite.title': 'Invite',
  'invite.text': 'Whoever has this link can join. It is the key to the meeting: send it only to those you mean.',
  'invite.text.keyless': 'This link leads to the meeting. Its keys come from the page that shows it.',
  'invite.share': 'Share',
  'invite.scan': 'Let somebody beside you scan this code with their camera.',
  'invite.code': 'QR code of the link',
  'invite.shown': 'Your screen is shared: whoever sees this code there can join.',
  'invite.copy.failed': 'The browser did not let the link be copied. “Invite”, under “More”, shows it as a code.',
} as const;
