/** What the agent says of its own action: set apart, in its own frame, and said to be a claim each time (A1). */
import { Shown } from '../../../kit/shown.tsx';
import styles from './why.module.css';

export function Claim({ text }: { readonly text: string }) {
  return (
    <section className={styles['claim']} aria-label="What the agent says, unchecked">
      <p className={styles['claimed']}>The agent says, and nobody has checked:</p>
      <blockquote>
        <Shown text={text} />
      </blockquote>
    </section>
  );
}
