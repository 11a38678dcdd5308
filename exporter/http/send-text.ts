// Responds with one line of plain text.

import type { Response } from 'express';

export function sendText(response: Response, status: number, text: string): void {
  response.status(status).type('text').send(`${text}\n`);
}
