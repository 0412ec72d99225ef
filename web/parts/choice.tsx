// One of a few, or none of them.
export interface ChoiceProps {
  readonly name: string;
  readonly label: string;
  /** What is said where none is chosen. */
  readonly first: string;
  readonly options: readonly (readonly [value: string, text: string])[];
  readonly value?: string;
  readonly onChange?: (value: string) => void;
}

export function Choice({ name, label, first, options, value, onChange }: ChoiceProps) {
  const held = onChange
    ? { value: value ?? '', onChange: (event: { target: { value: string } }) => onChange(event.target.value) }
    : { defaultValue: '' };
  return (
    <label>
      {label}
      <select name={name} {...held}>
        <option value="">{first}</option>
        {options.map(([code, text]) => (
          <option key={code} value={code}>
            {text}
          </option>
        ))}
      </select>
    </label>
  );
}
