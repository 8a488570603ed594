/** What the encryption of the room and of each person is. */
export const encryption = {
  'state.new': 'Encrypted, not verified',
  'state.new.hint': 'Compare emoji to be sure that nobody is in between.',
  'state.known': 'Known from an earlier meeting',
  'state.known.hint': 'The same keys as then. Not verified.',
  'state.verified': 'Verified',
  'state.verified.hint': 'The two of you compared keys.',
  'state.changed_key': 'Not the keys you know',
  'state.changed_key.hint':
    'They go by the name or address of somebody you know, with other keys: a new device, or somebody else. Verify before you trust them.',
  'state.outside_key': 'Key set by this page',
  'state.outside_key.hint': 'The program around this meeting chose the key. Grotto cannot say who else has it.',
  'state.blocked': 'Blocked by you',
  'state.blocked.hint': 'Nothing goes to them, and nothing of theirs is shown.',
  'state.waiting_for_key': 'Waiting for key',
  'state.waiting_for_key.hint': 'The key is on its way.',
  'state.cannot_decrypt': 'Cannot decrypt',
  'state.cannot_decrypt.hint': 'Their key was asked for again. If it stays so, one of you leaves and joins again.',
  'state.wrong_secret': 'Joined with another link',
  'state.wrong_secret.hint': 'Nothing of theirs opens, and they get nothing of yours. Send them the right link.',
  'state.refused': 'Keys not accepted',
  'state.refused.hint':
    'What they announced is not valid: nothing is sent to them and nothing of theirs is played. They may try to join again.',
  'state.no_transform': 'Your media is not sent',
  'state.no_transform.hint': 'Encryption could not start: this browser lacks what is needed to seal it.',
  'state.engine_failed': 'Your media is not sent',
  'state.engine_failed.hint': 'Encryption does not work in this tab. Reload the page to try again.',
  'state.self': 'You',

  'encryption.label': 'Encryption',
  'encryption.ok': 'End-to-end encrypted',
  'encryption.attention.one': 'Encrypted, one person to check',
  'encryption.attention.other': 'Encrypted, {count} people to check',
  'encryption.roster_differs': 'Some people see another list of participants',
  'encryption.silent': 'Some people do not confirm who is here',
  'encryption.changed_key': 'Somebody has other keys than before',
  'encryption.outside_key': 'Encrypted with a key set by this page',
  'encryption.wrong_secret_all': 'Nobody here has your secret',
  'encryption.broken': 'Your media is not sent',
  'encryption.title': 'Encryption',
  'encryption.sentence.ok':
    'Everything you send is sealed in this browser, and only the people you see here hold the keys.',
  'encryption.sentence.attention': 'What you send is sealed, but not everybody here can be read. Their tile says why.',
  'encryption.sentence.roster_differs':
    'Somebody here is told of other participants than you are. The server may be hiding somebody. Say aloud who is here, and compare the meeting code.',
  'encryption.sentence.silent':
    'Somebody here has not said for half a minute whom they see. Their connection may be gone, or the server holds it back.',
  'encryption.sentence.broken':
    'Encryption does not work in this tab, so nothing of yours leaves it. Reload the page to try again.',
  'encryption.sentence.changed_key':
    'Somebody here goes by the name or address of a person you know, with other keys. It may be a new device, or somebody else. Verify them before you trust what they say.',
  'encryption.sentence.outside_key':
    'What you send is sealed with a key that the program around this meeting set. It is as secret as that program keeps it; there is nobody to verify.',
  'encryption.sentence.wrong_secret_all':
    'Nobody here has the same secret. Check the words, or ask for the link again. Nothing of yours goes to them, and nothing of theirs opens.',
  'encryption.link': 'The link was changed',
  'encryption.link.us': 'You changed the link of this meeting. The one from before opens nothing any more.',
  'encryption.link.them': '{name} changed the link of this meeting. The one from before opens nothing any more.',
  'encryption.link.copy': 'Copy new link',
  'encryption.verify': 'Verify people',
  'encryption.protects': 'What protects you',
  'encryption.protects.text':
    'Sound, picture, screens, names and chat are sealed here with keys made for this call. The server passes them on unopened, and new keys are made whenever somebody leaves.',
  'encryption.not': 'What it does not do',
  'encryption.not.text':
    'The server still sees who is connected, from where, when and how much. Anybody with the link can join. And this page itself came from the server.',
  'encryption.people': 'People to check',
  'encryption.code': 'Meeting code',
  'encryption.code.text':
    'Read it to each other. Who has the same digits sees the same people with the same keys. It changes when somebody comes or goes.',
  'encryption.code.show': 'Show the code',
  'encryption.code.busy': 'Making the code',
  'encryption.code.failed': 'The code could not be made. Try again once you are connected.',
} as const;
