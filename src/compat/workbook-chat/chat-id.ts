import { NotFoundException, type PipeTransform } from '@nestjs/common';
import { ChatId } from './requests.js';

export const noChat = () => new NotFoundException('Conversation not found');

/** What can be no id is that of no conversation. */
export const knownForm: PipeTransform<string, string> = {
  transform(given) {
    if (!ChatId.safeParse(given).success) throw noChat();
    return given;
  },
};
