// Which microphone: browsers tell their names only to a page that may use one.
import { useEffect, useState } from 'react';
import { Choice } from '../parts/choice.tsx';

export interface MicrophoneChoiceProps {
  readonly value: string;
  /** The page uses one now. */
  readonly isOpen: boolean;
  readonly onChange: (deviceId: string) => void;
}

export function MicrophoneChoice({ value, isOpen, onChange }: MicrophoneChoiceProps) {
  const [devices, setDevices] = useState<readonly (readonly [id: string, label: string])[]>([]);
  useEffect(() => {
    // A page that is not served safely has no microphones.
    const media: MediaDevices | undefined = navigator.mediaDevices;
    const list = () =>
      media
        ?.enumerateDevices()
        .then((found) => {
          const microphones = found.filter(({ kind, deviceId }) => kind === 'audioinput' && deviceId !== '');
          setDevices(microphones.map(({ deviceId, label }, index) => [deviceId, label || `Microphone ${index + 1}`]));
        })
        .catch(() => setDevices([]));
    void list();
    // Their names are known a moment after the first one is open.
    const timer = isOpen ? setTimeout(list, 1_000) : undefined;
    media?.addEventListener('devicechange', list);
    return () => {
      clearTimeout(timer);
      media?.removeEventListener('devicechange', list);
    };
  }, [isOpen]);
  const options = devices.filter(([id]) => id !== 'default' && id !== 'communications');
  return (
    <Choice
      name="microphone"
      label="Microphone"
      first="The system's"
      options={options}
      value={value}
      onChange={onChange}
    />
  );
}
