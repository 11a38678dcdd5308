// Encodes DELETE_TOPIC_IN_BROKER (215), for a topic and its messages on a master, and DELETE_TOPIC_IN_NAMESRV (216), for its route.

import { command } from './frame.ts';

/*
 * Request fields   topic
 * Response         nothing, also if there is no such topic
 */

export const encodeDeleteTopic = ({ topic }: { topic: string }) => command(215, 'removal of a topic', { topic });

export const encodeDeleteRoute = ({ topic }: { topic: string }) => command(216, 'removal of a topic', { topic });
