;; The inner loop of the resampler: four sums of products at a time, of 16-bit samples and taps of 24 bits, without rounding in between.
;; A tap is stored as hi * 1024 + lo, each a signed 16-bit number: eight hi, eight lo, the next eight hi, and so on.
(module
  (memory (export "memory") 1)

  ;; Output o of a group is the sum over its row of taps; groups lie $down inputs apart. $groups is a multiple of four: what the
  ;; last of them compute beyond the input is for nobody. All addresses and $row (of one row of taps) are in bytes.
  (func (export "filter")
    (param $inputs i32) (param $taps i32) (param $outputs i32)
    (param $groups i32) (param $up i32) (param $down i32) (param $row i32)
    (local $rowEnd i32) (local $rowsLeft i32) (local $left i32) (local $tap i32)
    (local $in i32) (local $at i32) (local $out i32) (local $step1 i32) (local $step2 i32) (local $step3 i32) (local $outStep i32)
    (local $hi v128) (local $lo v128) (local $x v128)
    (local $a v128) (local $b v128) (local $c v128) (local $d v128)
    (local $e v128) (local $f v128) (local $g v128) (local $h v128)

    (local.set $step1 (i32.shl (local.get $down) (i32.const 1)))
    (local.set $step2 (i32.shl (local.get $step1) (i32.const 1)))
    (local.set $step3 (i32.add (local.get $step1) (local.get $step2)))
    (local.set $outStep (i32.shl (local.get $up) (i32.const 1)))
    (local.set $rowsLeft (local.get $up))
    (loop $rows
      (local.set $rowEnd (i32.add (local.get $taps) (local.get $row)))
      (local.set $in (local.get $inputs))
      (local.set $out (local.get $outputs))
      (local.set $left (local.get $groups))
      (loop $fours
        (local.set $tap (local.get $taps))
        (local.set $at (local.get $in))
        (local.set $a (v128.const i32x4 0 0 0 0))
        (local.set $b (v128.const i32x4 0 0 0 0))
        (local.set $c (v128.const i32x4 0 0 0 0))
        (local.set $d (v128.const i32x4 0 0 0 0))
        (local.set $e (v128.const i32x4 0 0 0 0))
        (local.set $f (v128.const i32x4 0 0 0 0))
        (local.set $g (v128.const i32x4 0 0 0 0))
        (local.set $h (v128.const i32x4 0 0 0 0))
        (loop $eights
          (local.set $hi (v128.load (local.get $tap)))
          (local.set $lo (v128.load offset=16 (local.get $tap)))
          (local.set $x (v128.load align=2 (local.get $at)))
          (local.set $a (i32x4.add (local.get $a) (i32x4.dot_i16x8_s (local.get $x) (local.get $hi))))
          (local.set $e (i32x4.add (local.get $e) (i32x4.dot_i16x8_s (local.get $x) (local.get $lo))))
          (local.set $x (v128.load align=2 (i32.add (local.get $at) (local.get $step1))))
          (local.set $b (i32x4.add (local.get $b) (i32x4.dot_i16x8_s (local.get $x) (local.get $hi))))
          (local.set $f (i32x4.add (local.get $f) (i32x4.dot_i16x8_s (local.get $x) (local.get $lo))))
          (local.set $x (v128.load align=2 (i32.add (local.get $at) (local.get $step2))))
          (local.set $c (i32x4.add (local.get $c) (i32x4.dot_i16x8_s (local.get $x) (local.get $hi))))
          (local.set $g (i32x4.add (local.get $g) (i32x4.dot_i16x8_s (local.get $x) (local.get $lo))))
          (local.set $x (v128.load align=2 (i32.add (local.get $at) (local.get $step3))))
          (local.set $d (i32x4.add (local.get $d) (i32x4.dot_i16x8_s (local.get $x) (local.get $hi))))
          (local.set $h (i32x4.add (local.get $h) (i32x4.dot_i16x8_s (local.get $x) (local.get $lo))))
          (local.set $at (i32.add (local.get $at) (i32.const 16)))
          (local.set $tap (i32.add (local.get $tap) (i32.const 32)))
          (br_if $eights (i32.lt_u (local.get $tap) (local.get $rowEnd))))

        ;; The four lanes of each of the four sums are added up: first pairs of lanes, then the pairs.
        (local.set $a (i32x4.add
          (i8x16.shuffle 0 1 2 3 16 17 18 19 4 5 6 7 20 21 22 23 (local.get $a) (local.get $b))
          (i8x16.shuffle 8 9 10 11 24 25 26 27 12 13 14 15 28 29 30 31 (local.get $a) (local.get $b))))
        (local.set $c (i32x4.add
          (i8x16.shuffle 0 1 2 3 16 17 18 19 4 5 6 7 20 21 22 23 (local.get $c) (local.get $d))
          (i8x16.shuffle 8 9 10 11 24 25 26 27 12 13 14 15 28 29 30 31 (local.get $c) (local.get $d))))
        (local.set $hi (i32x4.add
          (i8x16.shuffle 0 1 2 3 4 5 6 7 16 17 18 19 20 21 22 23 (local.get $a) (local.get $c))
          (i8x16.shuffle 8 9 10 11 12 13 14 15 24 25 26 27 28 29 30 31 (local.get $a) (local.get $c))))
        (local.set $e (i32x4.add
          (i8x16.shuffle 0 1 2 3 16 17 18 19 4 5 6 7 20 21 22 23 (local.get $e) (local.get $f))
          (i8x16.shuffle 8 9 10 11 24 25 26 27 12 13 14 15 28 29 30 31 (local.get $e) (local.get $f))))
        (local.set $g (i32x4.add
          (i8x16.shuffle 0 1 2 3 16 17 18 19 4 5 6 7 20 21 22 23 (local.get $g) (local.get $h))
          (i8x16.shuffle 8 9 10 11 24 25 26 27 12 13 14 15 28 29 30 31 (local.get $g) (local.get $h))))
        (local.set $lo (i32x4.add
          (i8x16.shuffle 0 1 2 3 4 5 6 7 16 17 18 19 20 21 22 23 (local.get $e) (local.get $g))
          (i8x16.shuffle 8 9 10 11 12 13 14 15 24 25 26 27 28 29 30 31 (local.get $e) (local.get $g))))

        ;; To the nearest 16-bit sample, saturating: (hi * 1024 + lo) / 2^24.
        (local.set $x (i32x4.shr_s
          (i32x4.add
            (i32x4.add (local.get $hi) (i32x4.shr_s (local.get $lo) (i32.const 10)))
            (v128.const i32x4 8192 8192 8192 8192))
          (i32.const 14)))
        (local.set $x (i16x8.narrow_i32x4_s (local.get $x) (local.get $x)))
        (v128.store16_lane 0 (local.get $out) (local.get $x))
        (local.set $out (i32.add (local.get $out) (local.get $outStep)))
        (v128.store16_lane 1 (local.get $out) (local.get $x))
        (local.set $out (i32.add (local.get $out) (local.get $outStep)))
        (v128.store16_lane 2 (local.get $out) (local.get $x))
        (local.set $out (i32.add (local.get $out) (local.get $outStep)))
        (v128.store16_lane 3 (local.get $out) (local.get $x))
        (local.set $out (i32.add (local.get $out) (local.get $outStep)))

        (local.set $in (i32.add (local.get $in) (i32.shl (local.get $step1) (i32.const 2))))
        (local.set $left (i32.sub (local.get $left) (i32.const 4)))
        (br_if $fours (i32.gt_s (local.get $left) (i32.const 0))))
      (local.set $taps (local.get $rowEnd))
      (local.set $outputs (i32.add (local.get $outputs) (i32.const 2)))
      (local.set $rowsLeft (i32.sub (local.get $rowsLeft) (i32.const 1)))
      (br_if $rows (i32.gt_s (local.get $rowsLeft) (i32.const 0))))))
