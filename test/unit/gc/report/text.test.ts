import { expect, test } from 'vitest';
import { createGcFigures } from '../../../../gc/report/gc-figures.ts';
import { makeReport } from '../../../../gc/report/make-report.ts';
import { renderText } from '../../../../gc/report/text.ts';
import { at, pause, startedAtMs } from '../../../support/troubled-broker.ts';

/** @param pauses milliseconds, one for each log */
function textOf(pauses: readonly number[]): string {
  const gc = createGcFigures();
  for (const [index, milliseconds] of pauses.entries()) {
    gc.beginLog(`/logs/broker-${index + 1}-gc.log`);
    gc.event({ kind: 'run-start', at: at(0) });
    gc.event({
      kind: 'jvm',
      collector: 'Shenandoah',
      jvmVersion: '21.0.9+10-Debian-1deb12u1',
      startedAtMs,
    });
    gc.event(pause(at(5), milliseconds));
    gc.endLog(at(9000));
  }
  return renderText(makeReport(gc, []), { colours: false });
}

test('for very many JVMs, shows those with the longest pauses in log order', () => {
  const text = textOf([...Array.from({ length: 20 }, () => 1), 90, ...Array.from({ length: 20 }, () => 2), 80]);
  expect(
    text.match(/broker-\d+-gc\.log(?=  )/g)?.filter((_, index, all) => index === 0 || index === all.length - 1),
  ).toEqual(['broker-21-gc.log', 'broker-42-gc.log']);
  expect(text).toContain('… and 30 more JVMs with shorter pauses; --json has all');
});

test.each([1, 3])('stays within 100 columns for %i JVMs', (count) => {
  const lines = textOf(Array.from({ length: count }, () => 12.3)).split('\n');
  expect(Math.max(...lines.map((line) => line.length))).toBeLessThanOrEqual(100);
});

test('shows the time of the longest pause and its log', () => {
  expect(textOf([12, 34])).toMatch(/^Longest {5}Pause Young.* at \d{4}-.*Z, in\s+\/logs\/broker-2-gc\.log$/m);
});
