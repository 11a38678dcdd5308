// Recognises lines of JDK 8 text without events: heap tables, tenuring, ergonomics and other diagnostics.

const stamps = String.raw`(?:\d{4}-\S+: )?(?:\d+[.,]\d+: )?(?:#\d+: )?`;

const known = new RegExp(
  String.raw`^(?:` +
    [
      // -XX:+PrintHeapAtGC, and the table at exit
      String.raw`\{?Heap(?: before GC invocations| after GC invocations|\s*$)`,
      String.raw`\}\s*$`,
      String.raw` (?:PSYoungGen|ParOldGen|PSOldGen|PSPermGen|def new generation|par new generation|tenured generation|` +
        String.raw`concurrent mark-sweep|garbage-first heap|compacting perm gen|concurrent-mark-sweep perm gen|Metaspace)\s`,
      String.raw`  (?:eden space|from space|to   space|object space|class space|region size| the space|  ro space|  rw space) ?`,
      String.raw`No shared spaces configured`,
      // -XX:+PrintTenuringDistribution
      String.raw`Desired survivor size `,
      String.raw`- age +\d+:`,
      // -XX:+PrintAdaptiveSizePolicy of G1 and Parallel
      String.raw`(?: ?\d+[.,]\d+: )?(?:#\d+: )?\[G1Ergonomics [^\]]*\]\s*$`,
      String.raw`(?:PS)?AdaptiveSize`,
      String.raw`  avg_survived_padded_avg: `,
      // -XX:+PrintReferenceGC during concurrent work
      String.raw`${stamps}\[Preclean `,
      String.raw` CMS: abort preclean due to `,
      // -XX:+PrintTLAB, -XX:+PrintPLAB
      String.raw`TLAB`,
      // -XX:+PrintClassHistogram…
      String.raw` *num +#instances`,
      String.raw`-+\s*$`,
      String.raw` *\d+: +\d+ +\d+ `,
      String.raw`Total +\d+ +\d+`,
      // -XX:PrintFLSStatistics, -XX:PrintCMSStatistics
      String.raw`(?:Before|After) GC:`,
      String.raw`(?:Statistics for BinaryTree|Total Free Space:|Max +Chunk Size:|Number of Blocks:|Av\. +Block +Size:|Tree +Height:)`,
      String.raw`Finished .* in \d+th thread: `,
      String.raw`CMS: Large [Bb]lock`,
      String.raw` \(cardTable: `,
      String.raw` ?(?:\[\d+ iterations, |\(CMS-concurrent-[a-z-]+ yielded )`,
      // -XX:+G1SummarizeRSetStats, -XX:G1LogLevel=finest
      String.raw` ?(?:Recent concurrent refinement|Current rem set|Cumulative RS summary|(?:Before|After) GC RS summary)`,
      String.raw`   ?(?:Processed \d|Of \d|Did \d|Concurrent (?:RS|sampling) threads|Total (?:per|heap) region|Static structures)`,
      String.raw`    Region with largest `,
      String.raw`   +[\d.]{1,20}[KMG]?B? *(?:\( *[\d.]+%\)|occupied cards|code roots|[\d. ]{0,80}$)`,
      String.raw`   +Min: `,
      // -XX:+PrintParallelOldGCPhaseTimes, -XX:+PrintGCTaskTimeStamps, -XX:+TraceDynamicGCThreads
      String.raw`${stamps}\[(?:pre|post) compact, `,
      String.raw`(?:GCTaskManager|[A-Z][A-Za-z]+CompactionTask)::`,
      String.raw`(?:JT: |VM-Thread |\s*GC-Thread )\d`,
      // Shenandoah
      String.raw`    (?:Using \d+ of \d+ workers|Pacer for |Good progress|Bad progress|Adaptive CSet|Collectable Garbage|Immediate Garbage|Failed to allocate)`,
      String.raw`(?:Trigger|Free): `,
      String.raw`Cancelling (?:concurrent )?GC`,
      // -XX:+UseGCLogFileRotation
      String.raw`\d{4}-\d\d-\d\d \d\d:\d\d:\d\d GC log (?:file|rotation)`,
      // details of a G1 pause whose record is lost
      String.raw`   +\[[A-Z]`,
    ].join('|') +
    ')',
);

export const isKnownLine = (line: string): boolean => known.test(line);

const rotated = /GC log file created /;

/** The header after a rotation belongs to the same JVM. */
export const isRotation = (line: string): boolean => rotated.test(line);
