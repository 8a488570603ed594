/** Captions. */
export const captions = {
  'captions.title': 'Captions',
  'captions.show': 'Show captions',
  'captions.show.hint': 'Shows what others say, if their browser writes it down for them.',
  'captions.give': 'Write down what I say',
  'captions.give.hint':
    'Your browser recognises your speech on this device, and the words go to everybody, sealed. Your voice is sent to nobody for it. Nothing is written while your microphone is off.',
  'captions.unavailable':
    'This browser does not recognise speech on the device in your language, and Grotto does not let it send your voice away for that.',
} as const;
