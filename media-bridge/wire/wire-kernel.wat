;; What is done to every byte of a message of audio: its mask put on and off, and base64 written and read, sixteen letters at a time.
;; Each goes on to the end of its last sixteen: up to as many bytes behind it change, and mean nothing.
(module
  (memory (export "memory") 4)

  ;; $key: as four bytes of a little-endian number.
  (func (export "mask") (param $at i32) (param $end i32) (param $key i32)
    (local $keys v128)
    (local.set $keys (i32x4.splat (local.get $key)))
    (loop $more
      (v128.store align=1 (local.get $at) (v128.xor (v128.load align=1 (local.get $at)) (local.get $keys)))
      (local.set $at (i32.add (local.get $at) (i32.const 16)))
      (br_if $more (i32.lt_u (local.get $at) (local.get $end)))))

  ;; From twelve bytes sixteen letters: those of the last twelve that are not there have to be zero.
  (func (export "encode") (param $at i32) (param $end i32) (param $out i32)
    (local $x v128) (local $kind v128)
    (loop $more
      ;; The three bytes a b c of four letters become b a c b: so each letter's six bits lie together.
      (local.set $x (v128.load align=1 (local.get $at)))
      (local.set $x (i8x16.shuffle 1 0 2 1 4 3 5 4 7 6 8 7 10 9 11 10 (local.get $x) (local.get $x)))
      (local.set $x
        (v128.or
          (v128.or
            (i32x4.shr_u (v128.and (local.get $x) (v128.const i32x4 0x0000fc00 0x0000fc00 0x0000fc00 0x0000fc00)) (i32.const 10))
            (i32x4.shl (v128.and (local.get $x) (v128.const i32x4 0x000003f0 0x000003f0 0x000003f0 0x000003f0)) (i32.const 4)))
          (v128.or
            (i32x4.shr_u (v128.and (local.get $x) (v128.const i32x4 0x0fc00000 0x0fc00000 0x0fc00000 0x0fc00000)) (i32.const 6))
            (i32x4.shl (v128.and (local.get $x) (v128.const i32x4 0x003f0000 0x003f0000 0x003f0000 0x003f0000)) (i32.const 8)))))
      ;; 13 for A to Z, 0 for a to z, 1 to 10 for digits, 11 and 12 for the two signs: what is to be added to become a letter.
      (local.set $kind
        (v128.or
          (i8x16.sub_sat_u (local.get $x) (v128.const i8x16 51 51 51 51 51 51 51 51 51 51 51 51 51 51 51 51))
          (v128.and
            (i8x16.lt_s (local.get $x) (v128.const i8x16 26 26 26 26 26 26 26 26 26 26 26 26 26 26 26 26))
            (v128.const i8x16 13 13 13 13 13 13 13 13 13 13 13 13 13 13 13 13))))
      (v128.store align=1 (local.get $out)
        (i8x16.add (local.get $x)
          (i8x16.swizzle (v128.const i8x16 71 -4 -4 -4 -4 -4 -4 -4 -4 -4 -4 -19 -16 65 0 0) (local.get $kind))))
      (local.set $out (i32.add (local.get $out) (i32.const 16)))
      (local.set $at (i32.add (local.get $at) (i32.const 12)))
      (br_if $more (i32.lt_u (local.get $at) (local.get $end)))))

  ;; From sixteen letters twelve bytes. Not zero: one of them is none of the alphabet. Those behind $end have to be some of it.
  (func (export "decode") (param $at i32) (param $end i32) (param $out i32) (result i32)
    (local $x v128) (local $high v128) (local $wrong v128)
    (loop $more
      (local.set $x (v128.load align=1 (local.get $at)))
      (local.set $high (i8x16.shr_u (local.get $x) (i32.const 4)))
      ;; A bit for each kind of letter: one that both halves of a byte have is a kind that is not in the alphabet.
      (local.set $wrong
        (v128.or (local.get $wrong)
          (v128.and
            (i8x16.swizzle
              (v128.const i8x16 0x10 0x10 0x01 0x02 0x04 0x08 0x04 0x08 0x10 0x10 0x10 0x10 0x10 0x10 0x10 0x10)
              (local.get $high))
            (i8x16.swizzle
              (v128.const i8x16 0x15 0x11 0x11 0x11 0x11 0x11 0x11 0x11 0x11 0x11 0x13 0x1a 0x1b 0x1b 0x1b 0x1a)
              (v128.and (local.get $x) (v128.const i8x16 15 15 15 15 15 15 15 15 15 15 15 15 15 15 15 15))))))
      ;; From a letter to its six bits; a slash lies beside the plus, and has a step of its own.
      (local.set $x
        (i8x16.add (local.get $x)
          (i8x16.swizzle (v128.const i8x16 0 16 19 4 -65 -65 -71 -71 0 0 0 0 0 0 0 0)
            (i8x16.add (local.get $high)
              (i8x16.eq (local.get $x) (v128.const i8x16 47 47 47 47 47 47 47 47 47 47 47 47 47 47 47 47))))))
      (local.set $x
        (v128.or
          (v128.or
            (i32x4.shl (v128.and (local.get $x) (v128.const i32x4 0x3f 0x3f 0x3f 0x3f)) (i32.const 18))
            (i32x4.shl (v128.and (local.get $x) (v128.const i32x4 0x3f00 0x3f00 0x3f00 0x3f00)) (i32.const 4)))
          (v128.or
            (v128.and (i32x4.shr_u (local.get $x) (i32.const 10)) (v128.const i32x4 0xfc0 0xfc0 0xfc0 0xfc0))
            (i32x4.shr_u (local.get $x) (i32.const 24)))))
      (v128.store align=1 (local.get $out)
        (i8x16.shuffle 2 1 0 6 5 4 10 9 8 14 13 12 3 3 3 3 (local.get $x) (local.get $x)))
      (local.set $out (i32.add (local.get $out) (i32.const 12)))
      (local.set $at (i32.add (local.get $at) (i32.const 16)))
      (br_if $more (i32.lt_u (local.get $at) (local.get $end))))
    (v128.any_true (local.get $wrong))))
