/** A room of Matrix: the page as a widget of a Matrix client. */
export const matrix = {
  'state.guest': 'Not from Matrix',
  'state.guest.hint': 'Keys go over Matrix here: they get none of yours, and nothing of theirs opens.',
  'encryption.bypassed': 'Keys came past Matrix',
  'encryption.sentence.bypassed':
    'The server delivered a key message of somebody here by itself. Theirs come over Matrix only, so it was thrown away. The server, or their program, is not as it should be.',
  'matrix.title': 'Keys over Matrix',
  'matrix.text':
    'Keys travel as encrypted Matrix messages and in no other way. {client} seals and opens them, and decides which devices it trusts.',
  'matrix.limits':
    'A Matrix client tells a widget who sent a message, not from which of their devices. For the device you rely on {client}.',
  'matrix.guests': 'People who are not in the Matrix room get keys too, from the Grotto server.',
  'matrix.people': 'People by their Matrix address',
  'matrix.checked': '{user}, keys came from there',
  'matrix.claimed': '{user}, says the server',
  'matrix.outside': 'Not from Matrix',
  'matrix.lobby': 'You join as {user}. {client} says so to the server, and carries the keys.',
  'matrix.alone': 'Nobody else is here yet. The others come from the Matrix room, as you did.',
  'matrix.starting': 'Waiting for {client}',
  'problem.matrix_no_secret': 'Others are in the call, and none of them gave you its secret.',
  'problem.matrix_no_secret.hint':
    'Their client may not trust your device: verify it, then try again. If they have gone without leaving, wait a while.',
  'problem.matrix_failed': 'The Matrix client did not do what joining takes.',
  'problem.matrix_failed.hint': 'Allow what it asks about this widget, then try again.',
  'problem.matrix_power': 'The Matrix room does not let you say that you are in its call.',
  'problem.matrix_power.hint': 'A moderator of the room sets the power level for org.matrix.msc3401.call.member to 0.',
  'problem.matrix_refused': 'The server does not let this Matrix account in.',
  'problem.matrix_refused.hint': 'Only members of the Matrix room can join. Ask whoever runs the server.',
  'problem.matrix_not_here': 'This server knows nothing of Matrix.',
  'problem.matrix_not_here.hint': 'Whoever runs it has to set matrix-homeserver.',
  'problem.matrix_unlinked': 'No meeting belongs to this Matrix room.',
  'problem.matrix_unlinked.hint': 'Ask this server’s bot for a call in that room.',
  'problem.widget_address': 'This widget was added with an address that is not complete.',
  'problem.widget_address.hint': 'It has to name the Matrix room, the user and the device. Add it again.',
  'problem.widget_origin': 'The server does not allow this page to show its meetings.',
  'problem.widget_origin.hint': 'Whoever runs the server has to name this origin with embed-origin.',
} as const;
