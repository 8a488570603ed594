/** Who goes into which breakout room: shared out evenly in the order of the list, then moved one by one. */
export const STAYS = -1;

export function sharedOut(people: string[], rooms: number): Map<string, number> {
  return new Map(people.map((person, index) => [person, index % rooms]));
}

/** The same with another number of rooms, and with those who are here now: who is new to it stays. */
export function adapted(places: ReadonlyMap<string, number>, people: string[], rooms: number): Map<string, number> {
  return new Map(
    people.map((person) => {
      const place = places.get(person) ?? STAYS;
      return [person, place < rooms ? place : STAYS];
    }),
  );
}
