/** Recording on this device. */
export const recording = {
  'recording.title': 'Record on this device',
  'recording.what': 'Picture and sound of the meeting go into a file on this device, and nowhere else.',
  'recording.told': 'Everybody here is told that you record. Ask them first.',
  'recording.view': 'What is recorded',
  'recording.view.everybody': 'Everybody',
  'recording.view.everybody.hint': 'All people in a grid; a shared screen large, with people beside it.',
  'recording.view.view': 'What I see',
  'recording.view.view.hint':
    'The stage as you see it, with whom you show large. Chat and panels are not in the picture.',
  'recording.start': 'Start recording',
  'recording.stop': 'Stop recording',
  'recording.now': 'You are recording',
  'recording.saving': 'Saving the recording',
  'recording.saved': 'The recording was saved as {file} ({size}).',
  'recording.failed':
    'The recording could not be made. There may be no room on the disk, or the file cannot be written.',
  'recording.broken': 'The recording ended early: it could not be written on. What came before is in {file}.',
  'recording.dismiss': 'All right',
  'recording.unsupported': 'This browser cannot record. A current Chromium, Chrome, Edge, Firefox or Safari can.',
  'recording.limit': 'The file is not encrypted. Keep this page open until it is saved.',
  'recording.file': 'Video file',
  'recording.others': 'Recording on their device: {names}',
  'tile.recording': 'Records the meeting',
};
