import { expect, test } from 'vitest';
import { textOf } from '../../../../core/http/http-request.ts';

const tooLong = () => new Error('too long');

test('a response is read completely, even if its parts split a character', async () => {
  const [first, second] = [new Uint8Array([0xc3]), new Uint8Array([0xa4])];
  const body = new ReadableStream({
    start(controller) {
      controller.enqueue(first);
      controller.enqueue(second);
      controller.close();
    },
  });
  expect(await textOf(new Response(body), 2, tooLong)).toBe('ä');
  expect(await textOf(new Response(null), 0, tooLong)).toBe('');
});

test('a response that exceeds the limit is cancelled', async () => {
  let isHungUp = false;
  const body = new ReadableStream({
    pull: (controller) => controller.enqueue(new Uint8Array(1000)),
    cancel: () => void (isHungUp = true),
  });
  await expect(textOf(new Response(body), 10_000, tooLong)).rejects.toThrow('too long');
  expect(isHungUp).toBe(true);
});
