// What the Matrix client around us puts in our address: which widget this is, in which room, for whom. Nothing of it is a
// secret and none of it is believed further than the client that wrote it: the token of the homeserver says who we are.
import type { Problem } from '../call/view.ts';

export interface WidgetAddress {
  widgetID: string;
  /** Of the page around us: the only one we speak with. */
  parentOrigin: string;
  roomID: string;
  userID: string;
  deviceID: string;
  /** What the name field begins with. */
  name: string;
  /** As the client writes them; '' where it does not say. */
  theme: string;
  language: string;
  /** Whoever added the widget lets in people who are not of the Matrix room. */
  guests: boolean;
}

const LONGEST = 255; // of Matrix's ids
const ROOM = /^!\S+$/;
const USER = /^@[^:\s]+:\S+$/;
const DEVICE = /^[^\s$]+$/; // a $ is a template that nobody filled in

/** Whether a page with this query is a Matrix widget. */
export function isWidget(search: string): boolean {
  const query = new URLSearchParams(search);
  return query.has('widgetId') && query.has('parentUrl');
}

export function readAddress(search: string): WidgetAddress | Problem {
  const query = new URLSearchParams(search);
  const given = (name: string) => (query.get(name) ?? '').slice(0, LONGEST);
  const parentOrigin = originOf(query.get('parentUrl') ?? '');
  if (parentOrigin === '') {
    return refused(
      'The page around this one does not say who it is.',
      'parentUrl has to be an address of http or https.',
    );
  }
  const [roomID, userID, deviceID] = [given('roomId'), given('userId'), given('deviceId')];
  if (!ROOM.test(roomID) || !USER.test(userID) || !DEVICE.test(deviceID) || given('widgetId') === '') {
    return refused(
      'The address of this widget does not say which Matrix room, user and device it is for.',
      'Add the widget again with the address that docs/matrix.md has.',
    );
  }
  return {
    widgetID: given('widgetId'),
    parentOrigin,
    roomID,
    userID,
    deviceID,
    name: given('name'),
    theme: given('theme'),
    language: given('lang'),
    guests: query.get('guests') === '1',
  };
}

export function isProblem(address: WidgetAddress | Problem): address is Problem {
  return 'code' in address;
}

function originOf(text: string): string {
  try {
    const { protocol, origin } = new URL(text);
    return protocol === 'https:' || protocol === 'http:' ? origin : '';
  } catch {
    return '';
  }
}

function refused(message: string, hint: string): Problem {
  return { code: 'widget_address', message, hint };
}
