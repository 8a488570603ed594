import { RestClient, withSecret, withToken } from '@grotto/client/rest';

const client = new RestClient({ server: 'https://meet.example.org', key: process.env.GROTTO_API_KEY ?? '' });
const room = await client.createRoom({ topic: 'Weekly', privacy: 'private' });
const link = withSecret(room.link); // once a room: all who shall meet need the same
const pass = await client.createToken(room.id, { role: 'moderator', external_id: 'staff-7' });
console.log(withToken(link, pass.token));
