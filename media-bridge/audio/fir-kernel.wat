;; The inner loop of the resampler: sums of products of 16-bit samples and taps of 24 bits, sixteen sums side by side, without rounding in between.
;; A vector holds pairs of neighbouring samples, one pair for each of four groups: a product with a pair of taps adds to four sums at once.
(module
  (memory (export "memory") 2)

  ;; Puts such pairs behind one another where groups are not two samples apart: of groups one sample apart from sample 0 on, of groups
  ;; three apart from sample 0, 1 and 2 on, each in a plane of its own. Four at a time; addresses, and $plane, are in bytes.
  (func (export "pair") (param $in i32) (param $out i32) (param $groups i32) (param $down i32) (param $plane i32)
    (local $a v128) (local $b v128)
    (if (i32.eq (local.get $down) (i32.const 1))
      (then
        (loop $fours
          (local.set $a (v128.load align=2 (local.get $in)))
          (v128.store (local.get $out)
            (i8x16.shuffle 0 1 2 3 2 3 4 5 4 5 6 7 6 7 8 9 (local.get $a) (local.get $a)))
          (local.set $in (i32.add (local.get $in) (i32.const 8)))
          (local.set $out (i32.add (local.get $out) (i32.const 16)))
          (local.set $groups (i32.sub (local.get $groups) (i32.const 4)))
          (br_if $fours (i32.gt_s (local.get $groups) (i32.const 0)))))
      (else
        (loop $fours
          (local.set $a (v128.load align=2 (local.get $in)))
          (local.set $b (v128.load offset=8 align=2 (local.get $in)))
          (v128.store (local.get $out)
            (i8x16.shuffle 0 1 2 3 6 7 8 9 12 13 14 15 26 27 28 29 (local.get $a) (local.get $b)))
          (v128.store (i32.add (local.get $out) (local.get $plane))
            (i8x16.shuffle 2 3 4 5 8 9 10 11 22 23 24 25 28 29 30 31 (local.get $a) (local.get $b)))
          (v128.store (i32.add (local.get $out) (i32.shl (local.get $plane) (i32.const 1)))
            (i8x16.shuffle 4 5 6 7 10 11 12 13 22 23 24 25 28 29 30 31
              (local.get $a) (v128.load offset=10 align=2 (local.get $in))))
          (local.set $in (i32.add (local.get $in) (i32.const 24)))
          (local.set $out (i32.add (local.get $out) (i32.const 16)))
          (local.set $groups (i32.sub (local.get $groups) (i32.const 4)))
          (br_if $fours (i32.gt_s (local.get $groups) (i32.const 0)))))))

  ;; Output o of a group is the sum over row o of taps. Of each pair of taps there are its upper halves, its lower halves (a tap is
  ;; hi * 1024 + lo, each a signed 16-bit number) and where the pairs of samples begin that it is for: twelve bytes. $groups is a
  ;; multiple of sixteen: what the last of them compute beyond the input is for nobody. All else but $up is in bytes.
  (func (export "filter")
    (param $pairs i32) (param $taps i32) (param $outputs i32) (param $groups i32) (param $up i32) (param $row i32)
    (local $rowEnd i32) (local $rowsLeft i32) (local $left i32) (local $tap i32)
    (local $from i32) (local $at i32) (local $out i32) (local $step i32)
    (local $hi v128) (local $lo v128) (local $x v128)
    (local $a v128) (local $b v128) (local $c v128) (local $d v128)
    (local $e v128) (local $f v128) (local $g v128) (local $h v128)

    (local.set $step (i32.shl (local.get $up) (i32.const 1)))
    (local.set $rowsLeft (local.get $up))
    (loop $rows
      (local.set $rowEnd (i32.add (local.get $taps) (local.get $row)))
      (local.set $from (local.get $pairs))
      (local.set $out (local.get $outputs))
      (local.set $left (local.get $groups))
      (loop $sixteens
        (local.set $tap (local.get $taps))
        (local.set $a (v128.const i32x4 0 0 0 0))
        (local.set $b (v128.const i32x4 0 0 0 0))
        (local.set $c (v128.const i32x4 0 0 0 0))
        (local.set $d (v128.const i32x4 0 0 0 0))
        (local.set $e (v128.const i32x4 0 0 0 0))
        (local.set $f (v128.const i32x4 0 0 0 0))
        (local.set $g (v128.const i32x4 0 0 0 0))
        (local.set $h (v128.const i32x4 0 0 0 0))
        (loop $twos
          (local.set $hi (v128.load32_splat (local.get $tap)))
          (local.set $lo (v128.load32_splat offset=4 (local.get $tap)))
          (local.set $at (i32.add (local.get $from) (i32.load offset=8 (local.get $tap))))
          (local.set $x (v128.load align=2 (local.get $at)))
          (local.set $a (i32x4.add (local.get $a) (i32x4.dot_i16x8_s (local.get $x) (local.get $hi))))
          (local.set $e (i32x4.add (local.get $e) (i32x4.dot_i16x8_s (local.get $x) (local.get $lo))))
          (local.set $x (v128.load offset=16 align=2 (local.get $at)))
          (local.set $b (i32x4.add (local.get $b) (i32x4.dot_i16x8_s (local.get $x) (local.get $hi))))
          (local.set $f (i32x4.add (local.get $f) (i32x4.dot_i16x8_s (local.get $x) (local.get $lo))))
          (local.set $x (v128.load offset=32 align=2 (local.get $at)))
          (local.set $c (i32x4.add (local.get $c) (i32x4.dot_i16x8_s (local.get $x) (local.get $hi))))
          (local.set $g (i32x4.add (local.get $g) (i32x4.dot_i16x8_s (local.get $x) (local.get $lo))))
          (local.set $x (v128.load offset=48 align=2 (local.get $at)))
          (local.set $d (i32x4.add (local.get $d) (i32x4.dot_i16x8_s (local.get $x) (local.get $hi))))
          (local.set $h (i32x4.add (local.get $h) (i32x4.dot_i16x8_s (local.get $x) (local.get $lo))))
          (local.set $tap (i32.add (local.get $tap) (i32.const 12)))
          (br_if $twos (i32.lt_u (local.get $tap) (local.get $rowEnd))))

        (local.set $out (call $store (local.get $out) (local.get $step)
          (local.get $a) (local.get $e) (local.get $b) (local.get $f)))
        (local.set $out (call $store (local.get $out) (local.get $step)
          (local.get $c) (local.get $g) (local.get $d) (local.get $h)))
        (local.set $from (i32.add (local.get $from) (i32.const 64)))
        (local.set $left (i32.sub (local.get $left) (i32.const 16)))
        (br_if $sixteens (i32.gt_s (local.get $left) (i32.const 0))))
      (local.set $taps (local.get $rowEnd))
      (local.set $outputs (i32.add (local.get $outputs) (i32.const 2)))
      (local.set $rowsLeft (i32.sub (local.get $rowsLeft) (i32.const 1)))
      (br_if $rows (i32.gt_s (local.get $rowsLeft) (i32.const 0)))))

  ;; Eight sums as 16-bit samples, $step bytes apart, to the nearest, saturating: (hi * 1024 + lo) / 2^24. Returns where the next one goes.
  (func $store (param $out i32) (param $step i32)
    (param $hi v128) (param $lo v128) (param $hi2 v128) (param $lo2 v128) (result i32)
    (local $x v128)
    (local.set $x (i16x8.narrow_i32x4_s
      (i32x4.shr_s
        (i32x4.add
          (i32x4.add (local.get $hi) (i32x4.shr_s (local.get $lo) (i32.const 10)))
          (v128.const i32x4 8192 8192 8192 8192))
        (i32.const 14))
      (i32x4.shr_s
        (i32x4.add
          (i32x4.add (local.get $hi2) (i32x4.shr_s (local.get $lo2) (i32.const 10)))
          (v128.const i32x4 8192 8192 8192 8192))
        (i32.const 14))))
    (v128.store16_lane 0 (local.get $out) (local.get $x))
    (local.set $out (i32.add (local.get $out) (local.get $step)))
    (v128.store16_lane 1 (local.get $out) (local.get $x))
    (local.set $out (i32.add (local.get $out) (local.get $step)))
    (v128.store16_lane 2 (local.get $out) (local.get $x))
    (local.set $out (i32.add (local.get $out) (local.get $step)))
    (v128.store16_lane 3 (local.get $out) (local.get $x))
    (local.set $out (i32.add (local.get $out) (local.get $step)))
    (v128.store16_lane 4 (local.get $out) (local.get $x))
    (local.set $out (i32.add (local.get $out) (local.get $step)))
    (v128.store16_lane 5 (local.get $out) (local.get $x))
    (local.set $out (i32.add (local.get $out) (local.get $step)))
    (v128.store16_lane 6 (local.get $out) (local.get $x))
    (local.set $out (i32.add (local.get $out) (local.get $step)))
    (v128.store16_lane 7 (local.get $out) (local.get $x))
    (i32.add (local.get $out) (local.get $step))))
