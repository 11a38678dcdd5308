// Compares two secrets in a time that does not depend on where they differ.

import { createHash, timingSafeEqual } from 'node:crypto';

const digest = (text: string) => createHash('sha256').update(text).digest();

export const isSameSecret = (given: string, secret: string) => timingSafeEqual(digest(given), digest(secret));
