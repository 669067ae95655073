import { z } from 'zod';

/** What stands around the object with which a STAR coach ends the conversation. The page of the coach looks for them. */
export const starMarks = { start: '[STAR_COMPLETE_START]', end: '[STAR_COMPLETE_END]' } as const;

/** A professional success, as it is told by the STAR method. */
const StarSuccess = z.object({
  title: z.string(),
  situation: z.string(),
  task: z.string(),
  action: z.string(),
  result: z.string(),
  skills_demonstrated: z.array(z.string()),
});
type StarSuccess = z.infer<typeof StarSuccess>;

/** The success between the marks; null when there is none, or what stands there is something else. */
export function starSuccessIn(text: string): StarSuccess | null {
  const start = text.lastIndexOf(starMarks.start);
  const end = text.indexOf(starMarks.end, start);
  if (start === -1 || end === -1) return null;
  const between = text.slice(start + starMarks.start.length, end);
  try {
    const { data } = StarSuccess.safeParse(JSON.parse(between));
    return data ?? null;
  } catch (error) {
    if (error instanceof SyntaxError) return null;
    throw error;
  }
}
