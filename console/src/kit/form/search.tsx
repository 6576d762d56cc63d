/** Finds in what is shown, while it is written. Escape empties it. */
import styles from './field.module.css';

export type SearchFieldProps = {
  readonly id?: string;
  readonly label: string;
  readonly placeholder?: string;
  readonly value: string;
  readonly onChange: (value: string) => void;
  readonly maxLength?: number;
};

export const SearchField = ({ label, placeholder = label, onChange, ...rest }: SearchFieldProps) => (
  <div className={styles['search']}>
    <input
      {...rest}
      type="search"
      aria-label={label}
      placeholder={placeholder}
      className={styles['input']}
      onChange={({ target }) => onChange(target.value)}
      onKeyDown={(event) => {
        if (event.key !== 'Escape' || rest.value === '') return;
        event.preventDefault();
        onChange('');
      }}
    />
  </div>
);
