// The secret of the meeting is what stands behind the # of this page's own address, so that whoever gets this page's whole
// link is in the same meeting. The page's server does not get it either.
const secret = location.hash.slice(1) || GrottoExternalAPI.newSecret();
history.replaceState(null, '', `#${secret}`);

const api = new GrottoExternalAPI('https://meet.example', {
  roomName: 'weekly-call',
  parentNode: document.getElementById('room'),
  secret,
  userInfo: { displayName: new URLSearchParams(location.search).get('name') ?? 'Ada' },
});

const state = document.getElementById('state');
const people = document.getElementById('people');

function list() {
  people.replaceChildren(
    ...api.getParticipantsInfo().map(({ displayName, audioMuted }) => {
      const row = document.createElement('li');
      row.textContent = audioMuted ? `${displayName}, muted` : displayName; // as text: a name is somebody else's words
      return row;
    }),
  );
}

api.on('videoConferenceJoined', ({ roomName, displayName }) => {
  state.textContent = roomName === 'weekly-call' ? `In the call as ${displayName}` : 'In a breakout room';
  list();
});
for (const event of ['participantJoined', 'participantLeft', 'displayNameChange', 'participantMuted']) {
  api.on(event, list);
}
api.on('audioMuteStatusChanged', list);
api.on('e2eeStateChanged', (now) => {
  if (now.state !== 'ok') state.textContent = 'Look at the encryption';
});
// What was asked for and is not to be had, by its reason: here and in the console.
api.on('errorOccurred', ({ error }) => {
  console.warn(error.message);
  state.textContent = error.message;
});
api.on('readyToClose', () => {
  api.dispose();
  state.textContent = 'The call is over';
  people.replaceChildren();
});
document.getElementById('mute').addEventListener('click', () => api.executeCommand('toggleAudio'));
document.getElementById('leave').addEventListener('click', () => api.executeCommand('hangup'));
document.getElementById('rename').addEventListener('submit', (event) => {
  event.preventDefault();
  api.executeCommand('displayName', new FormData(event.target).get('name'));
});
