import fc from 'fast-check';
import { expect, test } from 'vitest';
import { createLogger } from '../../core/log.ts';
import { watchMembers, type Membership, ownerOf } from '../../exporter/shards/shards.ts';
import { createSteppedClock } from '../support/stepped-clock.ts';

const names = fc.uniqueArray(fc.string({ minLength: 1 }), { minLength: 2, maxLength: 8 });
const targets = fc.uniqueArray(fc.string(), { maxLength: 30 });

test('a leaving member moves only its own targets', () => {
  fc.assert(
    fc.property(names, targets, fc.nat(), (members, all, which) => {
      const gone = members[which % members.length];
      const rest = members.filter((member) => member !== gone);
      for (const target of all) {
        const before = ownerOf(target, members);
        if (before !== gone) expect(ownerOf(target, rest)).toBe(before);
        else expect(rest).toContain(ownerOf(target, rest));
      }
    }),
  );
});

test('the order of the members does not change the owners', () => {
  fc.assert(
    fc.property(names, fc.string(), (members, target) => {
      expect(ownerOf(target, members.toReversed())).toBe(ownerOf(target, members));
    }),
  );
});

test('every member owns about the same number of targets', () => {
  const members = ['exporter-0', 'exporter-1', 'exporter-2'];
  const counts = new Map(members.map((member) => [member, 0]));
  for (let i = 0; i < 3000; i++) {
    const owner = ownerOf(`cluster-${i}`, members) ?? '';
    counts.set(owner, (counts.get(owner) ?? 0) + 1);
  }
  // A thousand each, within four standard deviations of a uniform draw.
  for (const count of counts.values()) expect(Math.abs(count - 1000)).toBeLessThan(104);
});

const everySeconds = 2;
const goneAfterSeconds = 10;
const members = ['a', 'b', 'c'];
const shared = Array.from({ length: 20 }, (_, i) => `cluster-${i}`);

/** Two minutes in which any of the three may stop or start at any second. */
const course = fc.array(fc.record({ second: fc.integer({ min: 0, max: 119 }), member: fc.constantFrom(...members) }), {
  maxLength: 8,
});

test('no target is shown twice, and none is missing for longer than the detection time', async () => {
  await fc.assert(
    fc.asyncProperty(course, async (events) => {
      const clock = createSteppedClock();
      const alive = new Map<string, Membership>();
      const start = (self: string) => {
        const membership = watchMembers({
          self,
          members,
          everySeconds,
          goneAfterSeconds,
          clock,
          log: createLogger('silent'),
          ask: async (name) => {
            const other = alive.get(name);
            if (other === undefined) throw new Error('connection refused');
            return { joinsInSeconds: other.joinsInSeconds() };
          },
        });
        membership.start();
        alive.set(self, membership);
      };
      const end = async (self: string) => {
        await alive.get(self)?.[Symbol.asyncDispose]();
        alive.delete(self);
      };
      for (const member of members) start(member);
      let missingSince: number | undefined;
      for (let second = 0; second < 120; second++) {
        for (const event of events.filter((each) => each.second === second)) {
          if (alive.has(event.member)) await end(event.member);
          else start(event.member);
        }
        await clock.advance(1);
        const shownBy = shared.map((target) => [...alive.values()].filter((each) => each.owns(target)).length);
        expect(Math.max(...shownBy)).toBeLessThanOrEqual(1);
        const isMissing = shownBy.includes(0);
        missingSince = isMissing ? (missingSince ?? second) : undefined;
        const lastEvent = Math.max(0, ...events.filter((each) => each.second <= second).map((each) => each.second));
        if (second - lastEvent > goneAfterSeconds + everySeconds && alive.size > 0)
          expect(missingSince).toBeUndefined();
      }
      for (const self of alive.keys()) await end(self);
    }),
    { numRuns: 20 },
  );
}, 60_000);
