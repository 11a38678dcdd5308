// Computes the limits of a RocketMQ master on a gigabit card, independent of the product.

export interface SheetCase {
  body: number;
  followers: number;
  groups: number;
  gigabits: number;
}

/** Topic of 10 characters, cluster name of 11, pulls of 32, with every term written out as in a spreadsheet. */
function outBytes({ body, followers, groups }: SheetCase, batch: 1 | 5): number {
  const record = 4 + 4 + 4 + 4 + 4 + 8 + 8 + 4 + 8 + 8 + 8 + 8 + 4 + 8 + 4 + body + 1 + 10 + 2 + 41 + 20;
  const base64 = Math.ceil(record / 3) * 4;
  const push = batch * (117 + base64) + 279 + 98;
  const pushed = (push + Math.ceil(push / 1448) * 66) / batch;
  const answer = 251 + 14 + 20 + 32;
  const pulled = ((record * 32 + 234) / 32) * (1514 / 1448);
  return answer + followers * pushed + groups * pulled;
}

/**
 * Messages per second at which the outbound link is saturated: from one push each with counter bytes, to pushes of five with nominal bytes.
 */
export function dledgerFullAt(sheet: SheetCase): { low: number; high: number } {
  const nominal = sheet.gigabits * 125e6;
  return { low: (nominal * 1514) / 1538 / outBytes(sheet, 1), high: nominal / outBytes(sheet, 5) };
}

/** Outbound payload bytes of followers alone, relative to the link's payload capacity: a value above 1 is impossible. */
export function followerBodiesShare({ body, followers, gigabits }: SheetCase, tps: number): number {
  return (tps * body * followers) / ((gigabits * 125e6 * 1448) / 1538);
}

/** Rate at a share of the link, computed from a reading of it, for MB and MiB, counter and nominal bytes. */
export function tpsAtShare(
  share: number,
  tps: number,
  megabytes: number,
  gigabits: number,
): { low: number; high: number } {
  const nominal = gigabits * 125;
  return {
    low: (tps * share * ((nominal * 1514) / 1538)) / ((megabytes * 1_048_576) / 1e6),
    high: (tps * share * nominal) / megabytes,
  };
}
